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
  model   = model.risk
  image   = "registry.example.com/risk"
  package = "binary"
  resources {
    cpu    = "1"
    memory = "128Mi"
  }
}

#> invalid-value
#>
#>   x `binary` is no way to package a service; there are "source" and "prebuilt"
#>     ,-[package.hcl:17:13]
#>  16 |   image   = "registry.example.com/risk"
#>  17 |   package = "binary"
#>     :             ^^^^^^^^
#>  18 |   resources {
#>     `----
#>
#> 1 error
