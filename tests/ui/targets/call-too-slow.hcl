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

#> invalid-value
#>
#>   x a timeout of `2m` is longer than Step Functions allows here
#>     ,-[call-too-slow.hcl:27:3]
#>  26 | workflow "assess" {
#>  27 |   stage "score" {
#>     :   ^^^^^^^^^^^^^
#>  28 |     infer   = service.risk
#>     `----
#>   help: use at most `1m`
#>
#> invalid-value
#>
#>   x a backoff of `1500ms` is not a whole number of seconds, which is how Step Functions counts
#>     ,-[call-too-slow.hcl:27:3]
#>  26 | workflow "assess" {
#>  27 |   stage "score" {
#>     :   ^^^^^^^^^^^^^
#>  28 |     infer   = service.risk
#>     `----
#>   help: use `2s`
#>
#> 2 errors
