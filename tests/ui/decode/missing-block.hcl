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
  image = "registry.example.com/risk"
}

#> missing-block
#>
#>   x this `service` has no `resources` block
#>     ,-[missing-block.hcl:14:1]
#>  13 |
#>  14 | service "risk" {
#>     : ^^^^^^^^^^^^^^
#>  15 |   model = model.risk
#>     `----
#>   help: add `resources { … }`
#>
#> 1 error
