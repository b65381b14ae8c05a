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

workflow "assess" {
  stage "load" {
    when = service.risk.errors.rate > 0.5
    read = bucket.data
    key  = "a.json"
  }
}

#> known-later
#>
#>   x measurements of `service.risk` are known only in the monitoring system
#>     ,-[measurement-in-a-workflow.hcl:32:12]
#>  31 |   stage "load" {
#>  32 |     when = service.risk.errors.rate > 0.5
#>     :            ^^^^^^^^^^^^^^^^^^^^^^^^
#>  33 |     read = bucket.data
#>     `----
#>   help: use them in the `when` of an `alert`
#>
#> 1 error
