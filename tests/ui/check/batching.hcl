project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "one" {
  version "1" { file = "models/fixed.onnx" }
  serve = "1"
}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
}

service "one" {
  model = model.one
  image = "registry.example.com/one"
  resources {
    cpu    = 1
    memory = "64Mi"
  }
  batching {}
}

service "risk" {
  model   = model.risk
  image   = "registry.example.com/risk"
  timeout = "1s"
  resources {
    cpu    = 1
    memory = "64Mi"
  }
  batching {
    max_delay = "1s"
  }
}

service "small" {
  model = model.risk
  image = "registry.example.com/small"
  resources {
    cpu    = 1
    memory = "64Mi"
  }
  batching {
    max_size = 1
  }
}

#> model-mismatch
#>
#>   x requests can't share runs of the model `one`, whose version `1` takes and gives a fixed number
#>   | of rows
#>     ,-[batching.hcl:26:3]
#>  25 |   }
#>  26 |   batching {}
#>     :   ^^^^^^^^
#>  27 | }
#>     `----
#>   help: export the model with a variable first dimension of all inputs and outputs, or leave
#>         `batching` out
#>
#> Advice:
#>   > see `models/fixed.onnx`
#>    ,-[models/fixed.onnx:1:1]
#>  1 | input  x: FP32[1, 4]
#>    : ^^^^^^^^^^|^^^^^^^^^
#>    :           `-- its first dimension is not variable
#>  2 | output y: FP32[1, 1]
#>    `----
#>
#> invalid-value
#>
#>   x a request that waits `1s` for others is never answered in time
#>     ,-[batching.hcl:38:17]
#>  37 |   batching {
#>  38 |     max_delay = "1s"
#>     :                 ^^^^
#>  39 |   }
#>     `----
#>   help: make it shorter than the service's `timeout`, which is `1s`
#>
#> invalid-value
#>
#>   x `max_size` must be a whole number from 2 to 4096
#>     ,-[batching.hcl:50:16]
#>  49 |   batching {
#>  50 |     max_size = 1
#>     :                ^
#>  51 |   }
#>     `----
#>
#> 3 errors
