project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "risk" {
  version "1" { file = "models/two-inputs.onnx" }
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
    infer  = service.risk
    inputs = { a = [[1, 2, 3]] }
  }
}

#> model-mismatch
#>
#>   x the model's input `ids` is not given
#>     ,-[infer-missing-input.hcl:29:14]
#>  28 |     infer  = service.risk
#>  29 |     inputs = { a = [[1, 2, 3]] }
#>     :              ^^^^^^^^^^^^^^^^^^^
#>  30 |   }
#>     `----
#>   help: add `ids = …`
#>
#> Advice:
#>   > see `models/two-inputs.onnx`
#>    ,-[models/two-inputs.onnx:2:1]
#>  1 | input  a: FP32[N, 3]
#>  2 | input  ids: INT64[N]
#>    : ^^^^^^^^^^|^^^^^^^^^
#>    :           `-- declared here
#>  3 | output s: FP32[N, 3]
#>    `----
#>
#> 1 error
