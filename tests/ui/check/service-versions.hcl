project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  version "2" { file = "models/linear.onnx" }
  version "3" { file = "models/two-inputs.onnx" }
  serve = "1"
}

service "risk" {
  model         = model.risk
  image         = "registry.example.com/risk"
  traffic       = { "1" = "80%", "3" = "10%", "4" = "5%" }
  shadow        = "1"
  shadow_sample = "101%"
  resources {
    cpu    = 1
    memory = "256Mi"
  }
}

service "limits" {
  model   = model.risk
  image   = "registry.example.com/limits"
  traffic = { "1" = "half", "2" = 50 }
  resources {
    cpu    = 1
    memory = "256Mi"
  }
}

#> model-signatures
#>
#>   x the versions `3` and `1` of `risk` differ: one has an input `x`, the other does not
#>     ,-[service-versions.hcl:12:24]
#>  11 |   version "2" { file = "models/linear.onnx" }
#>  12 |   version "3" { file = "models/two-inputs.onnx" }
#>     :                        ^^^^^^^^^^^^^^^^^^^^^^^^
#>  13 |   serve = "1"
#>     `----
#>   help: export it with the same names, types and shapes, or write `signature = "may change"` in
#>         the model
#>
#> Advice:
#>   > see `models/linear.onnx`
#>    ,-[models/linear.onnx:1:1]
#>  1 | input  x: FP32[N, 4]
#>    : ^^^^^^^^^^|^^^^^^^^^
#>    :           `-- what version `1` declares
#>  2 | output y: FP32[N, 1]
#>    `----
#>
#> invalid-value
#>
#>   x the shares in `traffic` are 95% together
#>     ,-[service-versions.hcl:19:19]
#>  18 |   image         = "registry.example.com/risk"
#>  19 |   traffic       = { "1" = "80%", "3" = "10%", "4" = "5%" }
#>     :                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  20 |   shadow        = "1"
#>     `----
#>   help: make them 100% together
#>
#> undefined-reference
#>
#>   x the model `risk` has no version `4`
#>     ,-[service-versions.hcl:19:47]
#>  18 |   image         = "registry.example.com/risk"
#>  19 |   traffic       = { "1" = "80%", "3" = "10%", "4" = "5%" }
#>     :                                               ^^^
#>  20 |   shadow        = "1"
#>     `----
#>   help: it has the versions `1`, `2`, `3`
#>
#> invalid-value
#>
#>   x the version `1` answers requests, and can't be their shadow
#>     ,-[service-versions.hcl:20:19]
#>  19 |   traffic       = { "1" = "80%", "3" = "10%", "4" = "5%" }
#>  20 |   shadow        = "1"
#>     :                   ^^^
#>  21 |   shadow_sample = "101%"
#>     `----
#>   help: name another version in `shadow`, or leave it out
#>
#> invalid-value
#>
#>   x `101%` is more than all requests
#>     ,-[service-versions.hcl:21:19]
#>  20 |   shadow        = "1"
#>  21 |   shadow_sample = "101%"
#>     :                   ^^^^^^
#>  22 |   resources {
#>     `----
#>   help: write a percentage from "0%" to "100%"
#>
#> invalid-value
#>
#>   x `half` does not begin with a number
#>     ,-[service-versions.hcl:31:21]
#>  30 |   image   = "registry.example.com/limits"
#>  31 |   traffic = { "1" = "half", "2" = 50 }
#>     :                     ^^^^^^
#>  32 |   resources {
#>     `----
#>
#> 6 errors
