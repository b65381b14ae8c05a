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
  model = model.risk
  image { name = "registry.example.com/risk" }
  resources {
    cpu    = "1"
    memory = "128Mi"
  }
}

#> unknown-block
#>
#>   x `image` is an attribute of `service`, not a block
#>     ,-[block-that-is-an-attribute.hcl:16:3]
#>  15 |   model = model.risk
#>  16 |   image { name = "registry.example.com/risk" }
#>     :   ^^^^^
#>  17 |   resources {
#>     `----
#>   help: write `image = …`
#>
#> 1 error
