project "demo" {}

model "risk" {
  version "1" { file = "models/empty.onnx" }
  serve = "1"
}

#> model-invalid
#>
#>   x `models/empty.onnx` can't be served: the file is empty
#>    ,-[model-empty.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/empty.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: copy or export it again
#>
#> 1 error
