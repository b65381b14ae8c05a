project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  version "2" { file = "models/fixed.onnx" }
  version "3" { file = "models/two-inputs.onnx" }
  serve = "1"
}

#> model-signatures
#>
#>   x the versions `2` and `1` of `risk` differ: the input is `x: FP32[1, 4]` in one, `x: FP32[N,
#>   | 4]` in the other
#>    ,-[model-signatures.hcl:5:24]
#>  4 |   version "1" { file = "models/linear.onnx" }
#>  5 |   version "2" { file = "models/fixed.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^
#>  6 |   version "3" { file = "models/two-inputs.onnx" }
#>    `----
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
#> model-signatures
#>
#>   x the versions `3` and `1` of `risk` differ: version `1` has the input `x`, version `3` does not
#>    ,-[model-signatures.hcl:6:24]
#>  5 |   version "2" { file = "models/fixed.onnx" }
#>  6 |   version "3" { file = "models/two-inputs.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^^^^
#>  7 |   serve = "1"
#>    `----
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
#> 2 errors
