# One mistake, two findings: the input that is given under a wrong name is the one that is missing.
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
#>   x the model's input `x` is not given
#>     ,-[model-input-of-another-name.hcl:27:14]
#>  26 |     infer  = service.risk
#>  27 |     inputs = { features = [[1.0, 2.0, 3.0, 4.0]] }
#>     :              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  28 |   }
#>     `----
#>   help: add `x = …`
#>
#> Advice:
#>   > see `models/linear.onnx`
#>    ,-[models/linear.onnx:1:1]
#>  1 | input  x: FP32[N, 4]
#>    : ^^^^^^^^^^|^^^^^^^^^
#>    :           `-- declared here
#>  2 | output y: FP32[N, 1]
#>    `----
#>
#> model-mismatch
#>
#>   x the model `risk` has no input `features`
#>     ,-[model-input-of-another-name.hcl:27:16]
#>  26 |     infer  = service.risk
#>  27 |     inputs = { features = [[1.0, 2.0, 3.0, 4.0]] }
#>     :                ^^^^^^^^
#>  28 |   }
#>     `----
#>   help: its inputs are `x`
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
#> 2 errors
