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

service "namespace" {
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

#> invalid-value
#>
#>   x a service on Kubernetes cannot be called `namespace`
#>     ,-[service-name-taken.hcl:14:1]
#>  13 |
#>  14 | service "namespace" {
#>     : ^^^^^^^^^^^^^^^^^^^
#>  15 |   model = model.risk
#>     `----
#>   help: another file or object has this name; choose a different one
#>
#> 1 error
