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
    inputs = { a = [[1, 2, 3]], ids = [1.5] }
  }
}

#> model-mismatch
#>
#>   x this does not fit the model's input `ids`: its elements are INT64, and 1.5 is not whole
#>     ,-[infer-whole-numbers.hcl:29:40]
#>  28 |     infer  = service.risk
#>  29 |     inputs = { a = [[1, 2, 3]], ids = [1.5] }
#>     :                                        ^^^
#>  30 |   }
#>     `----
#>
#> Advice:
#>   > see `models/two-inputs.onnx`
#>    ,-[models/two-inputs.onnx:2:1]
#>  1 | input  a: FP32[N, 3]
#>  2 | input  ids: INT64[N]
#>    : ^^^^^^^^^^|^^^^^^^^^
#>    :           `-- the model takes INT64[N]
#>  3 | output s: FP32[N, 3]
#>    `----
#>
#> 1 error
