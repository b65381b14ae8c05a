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
  scalng {
    min = 1
  }
  expose {
    host = "risk.example.com"
  }
}

#> unknown-block
#>
#>   x `service` has no block `scalng`
#>     ,-[unknown-inner-block.hcl:21:3]
#>  20 |   }
#>  21 |   scalng {
#>     :   ^^^^^^
#>  22 |     min = 1
#>     `----
#>   help: did you mean `scaling`?
#>
#> 1 error
