project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  version "2" { file = "models/fixed.onnx" }
  version "3" { file = "models/two-inputs.onnx" }
  serve = "1"
  signature = "whatever"
}

#> invalid-value
#>
#>   x `whatever` says nothing about signatures; there are "fixed" and "may change"
#>    ,-[model-signature-policy.hcl:8:15]
#>  7 |   serve = "1"
#>  8 |   signature = "whatever"
#>    :               ^^^^^^^^^^
#>  9 | }
#>    `----
#>
#> 1 error
