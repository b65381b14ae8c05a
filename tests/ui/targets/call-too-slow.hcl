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
  expose {
    host = "risk.example.com"
  }
}

workflow "assess" {
  stage "score" {
    infer   = service.risk
    inputs  = { x = [[1, 2, 3, 4]] }
    timeout = "2m"
    retry {
      attempts = 2
      backoff  = "1500ms"
    }
  }
}

#> limit
#>
#>   x a call of `2m` is longer than Step Functions waits for an answer
#>     ,-[call-too-slow.hcl:30:15]
#>  29 |     inputs  = { x = [[1, 2, 3, 4]] }
#>  30 |     timeout = "2m"
#>     :               ^^^^
#>  31 |     retry {
#>     `----
#>   help: use at most "60s"
#>
#> invalid-value
#>
#>   x `1500ms` is not a wait that Step Functions counts: whole seconds, up to a year
#>     ,-[call-too-slow.hcl:33:18]
#>  32 |       attempts = 2
#>  33 |       backoff  = "1500ms"
#>     :                  ^^^^^^^^
#>  34 |     }
#>     `----
#>   help: use "2s"
#>
#> 2 errors
