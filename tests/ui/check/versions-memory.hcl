project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  version "2" { file = "models/linear.onnx" }
  version "3" { file = "models/linear.onnx" }
  version "4" { file = "models/linear.onnx" }
  serve = "1"
}

service "alone" { # to the byte: 32Mi, two times 20 bytes of weights, five numbers for one row
  model = model.risk
  image = "registry.example.com/alone"
  resources {
    cpu    = "500m"
    memory = "33554.492k"
  }
}

service "risk" {
  model   = model.risk
  image   = "registry.example.com/risk"
  traffic = { "1" = "90%", "2" = "10%" }
  shadow  = "3"
  resources {
    cpu    = "500m"
    memory = "33554.571k" # a byte less than three versions need
  }
}

#> model-memory
#>
#>   x `33554571` can't hold 3 versions of the model `risk`, which need at least 33Mi
#>     ,-[versions-memory.hcl:33:14]
#>  32 |     cpu    = "500m"
#>  33 |     memory = "33554.571k" # a byte less than three versions need
#>     :              ^^^^^^^^^^^^
#>  34 |   }
#>     `----
#>   help: that is 32Mi for the runtime, 2 times 1Mi of weights of all versions, 1Mi of tensors for
#>         one row
#>
#> Advice:
#>   > see `models/linear.onnx`
#>    ,-[models/linear.onnx:1:1]
#>  1 | input  x: FP32[N, 4]
#>    : ^^^^^^^^^^|^^^^^^^^^
#>    :           `-- version `1`
#>  2 | output y: FP32[N, 1]
#>    `----
#>
#> Advice:
#>   > see `models/linear.onnx`
#>    ,-[models/linear.onnx:1:1]
#>  1 | input  x: FP32[N, 4]
#>    : ^^^^^^^^^^|^^^^^^^^^
#>    :           `-- version `2`
#>  2 | output y: FP32[N, 1]
#>    `----
#>
#> Advice:
#>   > see `models/linear.onnx`
#>    ,-[models/linear.onnx:1:1]
#>  1 | input  x: FP32[N, 4]
#>    : ^^^^^^^^^^|^^^^^^^^^
#>    :           `-- version `3`
#>  2 | output y: FP32[N, 1]
#>    `----
#>
#> 1 error
