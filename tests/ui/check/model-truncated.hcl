project "demo" {}

model "risk" {
  version "1" { file = "models/truncated.onnx" }
  serve = "1"
}

#> model-invalid
#>
#>   x `models/truncated.onnx` can't be served: the file ends in the middle: it is truncated
#>    ,-[model-truncated.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/truncated.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: copy or export it again
#>
#> 1 error
