project "demo" {}

model "risk" {
  version "1" { file = "models/liner.onnx" }
  serve = "1"
}

#> model-unreadable
#>
#>   x there is no file `models/liner.onnx`
#>    ,-[model-missing.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/liner.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: the path is relative to the folder of the spec
#>
#> 1 error
