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
  resources {
    cpu    = "500m"
    memory = "128Mi"
  }
  scaling {
    min = 5
    max = 2
    target "cpu" { utilization = "0.5%" }
  }
  expose {
    host = "risk.example.com"
  }
}

#> invalid-value
#>
#>   x `min` is 5, and `max` is 2
#>     ,-[scaling-contradiction.hcl:22:11]
#>  21 |   scaling {
#>  22 |     min = 5
#>     :           ^
#>  23 |     max = 2
#>     :           |
#>     :           `-- `max`
#>  24 |     target "cpu" { utilization = "0.5%" }
#>     `----
#>   help: make `min` at most `max`
#>
#> invalid-value
#>
#>   x `0.5%` is no utilization to aim at
#>     ,-[scaling-contradiction.hcl:24:34]
#>  23 |     max = 2
#>  24 |     target "cpu" { utilization = "0.5%" }
#>     :                                  ^^^^^^
#>  25 |   }
#>     `----
#>   help: write a percentage from "1%" to "100%"
#>
#> 2 errors
