project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "risk" {
  version "1" { file = "models/fixed.onnx" }
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
    inputs = { x = [[1, 2, 3, 4], [5, 6, 7, 8]] }
  }
}

#> model-mismatch
#>
#>   x this does not fit the model's input `x`: this dimension has 1 element, and here are 2
#>     ,-[infer-fixed-batch.hcl:29:20]
#>  28 |     infer  = service.risk
#>  29 |     inputs = { x = [[1, 2, 3, 4], [5, 6, 7, 8]] }
#>     :                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  30 |   }
#>     `----
#>
#> Advice:
#>   > see `models/fixed.onnx`
#>    ,-[models/fixed.onnx:1:1]
#>  1 | input  x: FP32[1, 4]
#>    : ^^^^^^^^^^|^^^^^^^^^
#>    :           `-- the model takes FP32[1, 4]
#>  2 | output y: FP32[1, 1]
#>    `----
#>
#> 1 error
