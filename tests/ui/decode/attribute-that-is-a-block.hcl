project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
}

service "risk" {
  model     = model.risk
  image     = "registry.example.com/risk"
  resources = { cpu = "1", memory = "128Mi" }
}

#> unknown-attribute
#>
#>   x `service` has no attribute `resources`
#>     ,-[attribute-that-is-a-block.hcl:17:3]
#>  16 |   image     = "registry.example.com/risk"
#>  17 |   resources = { cpu = "1", memory = "128Mi" }
#>     :   ^^^^^^^^^
#>  18 | }
#>     `----
#>   help: `resources` is a block: write `resources { … }`, without `=`
#>
#> 1 error
