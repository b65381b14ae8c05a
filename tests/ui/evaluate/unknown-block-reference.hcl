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
  model = model.rsik
  image = "registry.example.com/risk"
  resources {
    cpu    = "500m"
    memory = "128Mi"
  }
  expose {
    host = "risk.example.com"
  }
}

#> undefined-reference
#>
#>   x there is no model `rsik`
#>     ,-[unknown-block-reference.hcl:15:17]
#>  14 | service "risk" {
#>  15 |   model = model.rsik
#>     :                 ^^^^
#>  16 |   image = "registry.example.com/risk"
#>     `----
#>   help: did you mean `risk`?
#>
#> 1 error
