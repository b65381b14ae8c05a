project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
}

service "risk" {
  model = model.risk
  image = "registry.example.com/risk"
  resources {
    cpu    = "500m"
    memory = "128Mi"
  }
  expose {
    host = "risk.example.com"
  }
}

#> missing-block
#>
#>   x this `service` has no platform to run on
#>    ,-[no-platform.hcl:8:1]
#>  7 |
#>  8 | service "risk" {
#>    : ^^^^^^^^^^^^^^
#>  9 |   model = model.risk
#>    `----
#>   help: add `platform "aws" { account = …, region = …, cluster = … }`, one attribute a line
#>
#> 1 error
