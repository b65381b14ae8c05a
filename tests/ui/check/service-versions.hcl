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
  signature = "may change"
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

#> invalid-value
#>
#>   x the shares in `traffic` are 95% together
#>     ,-[service-versions.hcl:20:19]
#>  19 |   image         = "registry.example.com/risk"
#>  20 |   traffic       = { "1" = "80%", "3" = "10%", "4" = "5%" }
#>     :                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  21 |   shadow        = "1"
#>     `----
#>   help: make them 100% together
#>
#> model-mismatch
#>
#>   x version `3` of the model `risk` does not take and give what version `1` does
#>     ,-[service-versions.hcl:20:34]
#>  19 |   image         = "registry.example.com/risk"
#>  20 |   traffic       = { "1" = "80%", "3" = "10%", "4" = "5%" }
#>     :                                  ^^^
#>  21 |   shadow        = "1"
#>     `----
#>   help: versions that are served side by side need the same names, types and shapes; serve this
#>         one as another service
#>
#> Advice:
#>   > see `models/linear.onnx`
#>    ,-[models/linear.onnx:1:1]
#>  1 | ,-> input  x: FP32[N, 4]
#>  2 | |-> output y: FP32[N, 1]
#>    : `---- version `1`
#>    `----
#>
#> Advice:
#>   > see `models/two-inputs.onnx`
#>    ,-[models/two-inputs.onnx:1:1]
#>  1 | ,-> input  a: FP32[N, 3]
#>  2 | |   input  ids: INT64[N]
#>  3 | |-> output s: FP32[N, 3]
#>    : `---- version `3`
#>    `----
#>
#> undefined-reference
#>
#>   x the model `risk` has no version `4`
#>     ,-[service-versions.hcl:20:47]
#>  19 |   image         = "registry.example.com/risk"
#>  20 |   traffic       = { "1" = "80%", "3" = "10%", "4" = "5%" }
#>     :                                               ^^^
#>  21 |   shadow        = "1"
#>     `----
#>   help: it has the versions `1`, `2`, `3`
#>
#> invalid-value
#>
#>   x the version `1` answers requests, and can't be their shadow
#>     ,-[service-versions.hcl:21:19]
#>  20 |   traffic       = { "1" = "80%", "3" = "10%", "4" = "5%" }
#>  21 |   shadow        = "1"
#>     :                   ^^^
#>  22 |   shadow_sample = "101%"
#>     `----
#>   help: name another version in `shadow`, or leave it out
#>
#> invalid-value
#>
#>   x `101%` is more than all requests
#>     ,-[service-versions.hcl:22:19]
#>  21 |   shadow        = "1"
#>  22 |   shadow_sample = "101%"
#>     :                   ^^^^^^
#>  23 |   resources {
#>     `----
#>   help: write a percentage from "0%" to "100%"
#>
#> invalid-value
#>
#>   x `half` does not begin with a number
#>     ,-[service-versions.hcl:32:21]
#>  31 |   image   = "registry.example.com/limits"
#>  32 |   traffic = { "1" = "half", "2" = 50 }
#>     :                     ^^^^^^
#>  33 |   resources {
#>     `----
#>
#> 6 errors
