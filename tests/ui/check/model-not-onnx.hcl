project "demo" {}

model "risk" {
  version "1" { file = "models/not-onnx.onnx" }
  serve = "1"
}

#> model-invalid
#>
#>   x `models/not-onnx.onnx` can't be served: the file is not an ONNX model
#>    ,-[model-not-onnx.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/not-onnx.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: export the model to ONNX
#>
#> 1 error
