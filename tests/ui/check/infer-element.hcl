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
    inputs = { x = [[1, 2, 3, "four"]] }
  }
}

#> model-mismatch
#>
#>   x this does not fit the model's input `x`: its elements are FP32, and this is a string
#>     ,-[infer-element.hcl:29:31]
#>  28 |     infer  = service.risk
#>  29 |     inputs = { x = [[1, 2, 3, "four"]] }
#>     :                               ^^^^^^
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
