project "p" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "risk" {
  serve = "1"
  version "1" { file = "models/linear.onnx" }
}

service "risk" {
  model = model.risk
  image = "registry.example.com/risk"
  resources {
    cpu    = 1
    memory = "512Mi"
  }
}

workflow "assess" {
  stage "score" {
    infer  = service.risk
    inputs = { features = [[1.0, 2.0, 3.0, 4.0]] }
  }
}

#> model-mismatch
#>
#>   x the model `risk` has no input `features`
#>     ,-[infer-input-of-another-name.hcl:26:16]
#>  25 |     infer  = service.risk
#>  26 |     inputs = { features = [[1.0, 2.0, 3.0, 4.0]] }
#>     :                ^^^^^^^^
#>  27 |   }
#>     `----
#>   help: the input that is missing is called `x`
#>
#> Advice:
#>   > see `models/linear.onnx`
#>    ,-[models/linear.onnx:1:1]
#>  1 | input  x: FP32[N, 4]
#>    : ^^^^^^^^^^|^^^^^^^^^
#>    :           `-- the model's inputs
#>  2 | output y: FP32[N, 1]
#>    `----
#>
#> 1 error
