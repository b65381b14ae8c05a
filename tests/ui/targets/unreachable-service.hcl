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
}

workflow "assess" {
  stage "score" {
    infer  = service.risk
    inputs = { x = [[1, 2, 3, 4]] }
  }
}

#> unreachable-service
#>
#>   x stage `score` cannot reach service `risk`
#>     ,-[unreachable-service.hcl:14:1]
#>  13 |
#>  14 | service "risk" {
#>     : ^^^^^^^|^^^^^^
#>     :        `-- this service is known only inside the cluster
#>  15 |   model = model.risk
#>     `----
#>     ,-[unreachable-service.hcl:24:3]
#>  23 | workflow "assess" {
#>  24 |   stage "score" {
#>     :   ^^^^^^|^^^^^^
#>     :         `-- a workflow runs outside the cluster, and its HTTP calls need a public HTTPS name
#>  25 |     infer  = service.risk
#>     `----
#>   help: add `expose { host = "risk.example.com" }` to the service; or keep it private and let
#>         something inside the cluster call it: an application beside it, or a job that writes its
#>         results to a bucket which the workflow reads
#>
#> 1 error
