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
    min = 1
    max = 2
    target "cpu" { utilization = "33.5%" }
  }
  expose {
    host = "risk.example.com"
  }
}

#> invalid-value
#>
#>   x an autoscaler cannot steer for `33.5%` of the CPU
#>     ,-[part-of-a-percent.hcl:24:34]
#>  23 |     max = 2
#>  24 |     target "cpu" { utilization = "33.5%" }
#>     :                                  ^^^^^^^
#>  25 |   }
#>     `----
#>   help: write a whole percentage from "1%" to "100%"
#>
#> 1 error
