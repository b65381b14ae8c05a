project "demo" {}

model "risk" {
  version "1" { file = "models/text.onnx" }
  serve = "1"
}

#> model-invalid
#>
#>   x `models/text.onnx` can't be served: the input `words` has elements of type STRING, which can't
#>   | be served
#>    ,-[model-text.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/text.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: convert them outside of the model, or cast them to a plain numeric type
#>
#> 1 error
