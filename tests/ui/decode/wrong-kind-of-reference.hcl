project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
}

service "risk" {
  model = bucket.data
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
#>   x `bucket.data` is a bucket, not a model
#>     ,-[wrong-kind-of-reference.hcl:19:11]
#>  18 | service "risk" {
#>  19 |   model = bucket.data
#>     :           ^^^^^^^^^^^
#>  20 |   image = "registry.example.com/risk"
#>     `----
#>
#> 1 error
