project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "risk" {
  version "1" { file = "models/picture.onnx" }
  serve = "1"
}

service "risk" {
  model = model.risk
  image = "registry.example.com/risk"
  resources {
    cpu    = "500m"
    memory = "1Gi" # enough for one at a time
  }
  batching {
    max_size = 8
  }
}

#> model-memory
#>
#>   x `1Gi` can't hold the model `risk`, which needs at least 3104Mi
#>     ,-[batching-memory.hcl:19:14]
#>  18 |     cpu    = "500m"
#>  19 |     memory = "1Gi" # enough for one at a time
#>     :              ^^^^^
#>  20 |   }
#>     `----
#>   help: that is 32Mi for the runtime, 3072Mi of tensors for a run of 8 rows
#>
#> Advice:
#>   > see `models/picture.onnx`
#>    ,-[models/picture.onnx:1:1]
#>  1 | input  pixels: FP32[N, 3, 4096, 4096]
#>    : ^^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^^^
#>    :                   `-- the model
#>  2 | output bright: FP32[N, 3, 4096, 4096]
#>    `----
#>
#> 1 error
