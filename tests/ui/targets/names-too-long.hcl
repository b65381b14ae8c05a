project "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" {}

environment "production-europe" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
}

service "ssssssssssssssssssssssssssssssssssssssss" {
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

bucket "data" {
  name = "my-bucket"
}

workflow "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww" {
  stage "load" {
    read = bucket.data
    key  = "a.json"
  }

  trigger { schedule = "rate(1 hour)" }
  stage "score" {
    infer  = service.ssssssssssssssssssssssssssssssssssssssss
    inputs = { x = [[1, 2, 3, 4]] }
  }
}

#> limit
#>
#>   x the length of the connection's name `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-production-europe-
#>   | ssssssssssssssssssssssssssssssssssssssss` is 91; AWS allows 64
#>     ,-[names-too-long.hcl:16:1]
#>  15 |
#>  16 | service "ssssssssssssssssssssssssssssssssssssssss" {
#>     : ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  17 |   model = model.risk
#>     `----
#>   help: shorten the name of the block, of the environment or of the project
#>
#> limit
#>
#>   x the state machine's name `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-production-europe-
#>   | wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww` has 83 characters; Step Functions allows 80
#>     ,-[names-too-long.hcl:32:1]
#>  31 |
#>  32 | workflow "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww" {
#>     : ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  33 |   stage "load" {
#>     `----
#>   help: shorten the name of the workflow, of the environment or of the project
#>
#> limit
#>
#>   x the length of the schedule's name `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-production-europe-
#>   | wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww` is 83; AWS allows 64
#>     ,-[names-too-long.hcl:38:3]
#>  37 |
#>  38 |   trigger { schedule = "rate(1 hour)" }
#>     :   ^^^^^^^
#>  39 |   stage "score" {
#>     `----
#>   help: shorten the name of the block, of the environment or of the project
#>
#> 3 errors
