project "demo" {}

model "risk" {
  version "1" { file = "models/no-inputs.onnx" }
  serve = "1"
}

#> model-invalid
#>
#>   x `models/no-inputs.onnx` can't be served: the model has no inputs
#>    ,-[model-no-inputs.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/no-inputs.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: export a model that computes something
#>
#> 1 error
