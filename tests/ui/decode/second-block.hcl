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
  resources {
    cpu    = "1"
    memory = "1Gi"
  }
  expose {
    host = "risk.example.com"
  }
}

#> duplicate-name
#>
#>   x a second `resources` in this `service`
#>     ,-[second-block.hcl:21:3]
#>  16 |   image = "registry.example.com/risk"
#>  17 |   resources {
#>     :   ^^^^|^^^^
#>     :       `-- the first one
#>  18 |     cpu    = "500m"
#>  19 |     memory = "128Mi"
#>  20 |   }
#>  21 |   resources {
#>     :   ^^^^^^^^^
#>  22 |     cpu    = "1"
#>     `----
#>   help: keep one of them
#>
#> 1 error
