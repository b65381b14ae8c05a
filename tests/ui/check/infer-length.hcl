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
    infer  = service.risk
    inputs = { x = [[1, 2, 3], [1, 2, 3, 4]] }
  }
}

#> model-mismatch
#>
#>   x this does not fit the model's input `x`: this dimension has 4 elements, and here are 3
#>     ,-[infer-length.hcl:29:21]
#>  28 |     infer  = service.risk
#>  29 |     inputs = { x = [[1, 2, 3], [1, 2, 3, 4]] }
#>     :                     ^^^^^^^^^
#>  30 |   }
#>     `----
#>
#> Advice:
#>   > see `models/linear.onnx`
#>    ,-[models/linear.onnx:1:1]
#>  1 | input  x: FP32[N, 4]
#>    : ^^^^^^^^^^|^^^^^^^^^
#>    :           `-- the model takes FP32[N, 4]
#>  2 | output y: FP32[N, 1]
#>    `----
#>
#> 1 error
