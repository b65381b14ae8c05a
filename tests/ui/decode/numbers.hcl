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
  port = 80
  image = "registry.example.com/risk"
  resources {
    cpu    = "500m"
    memory = "128Mi"
  }
  scaling {
    min = 0
    max = 2.5
    target "cpu" { utilization = 70 }
  }
  expose {
    host = "risk.example.com"
  }
}

#> invalid-value
#>
#>   x `port` must be a whole number from 1024 to 65535
#>     ,-[numbers.hcl:16:10]
#>  15 |   model = model.risk
#>  16 |   port = 80
#>     :          ^^
#>  17 |   image = "registry.example.com/risk"
#>     `----
#>
#> invalid-value
#>
#>   x `min` must be a whole number from 1 to 10000
#>     ,-[numbers.hcl:23:11]
#>  22 |   scaling {
#>  23 |     min = 0
#>     :           ^
#>  24 |     max = 2.5
#>     `----
#>
#> invalid-value
#>
#>   x `max` must be a whole number from 1 to 10000
#>     ,-[numbers.hcl:24:11]
#>  23 |     min = 0
#>  24 |     max = 2.5
#>     :           ^^^
#>  25 |     target "cpu" { utilization = 70 }
#>     `----
#>
#> wrong-type
#>
#>   x `utilization` takes a percentage such as "70%", and this is a number
#>     ,-[numbers.hcl:25:34]
#>  24 |     max = 2.5
#>  25 |     target "cpu" { utilization = 70 }
#>     :                                  ^^
#>  26 |   }
#>     `----
#>
#> 4 errors
