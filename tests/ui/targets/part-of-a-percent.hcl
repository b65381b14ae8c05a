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
#>     ,-[part-of-a-percent.hcl:21:3]
#>  20 |   }
#>  21 |   scaling {
#>     :   ^^^^^^^
#>  22 |     min = 1
#>     `----
#>   help: write a whole percentage from 1% to 100%
#>
#> 1 error
