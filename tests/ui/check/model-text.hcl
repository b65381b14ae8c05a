project "demo" {}

model "risk" {
  version "1" { file = "models/text.onnx" }
  serve = "1"
}

#> model-unsupported
#>
#>   x `models/text.onnx` can't be served: the node `copy` (Tile) takes texts (STRING), over which
#>   | the engine does not compute it
#>    ,-[model-text.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/text.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: turn texts into numbers first: with LabelEncoder or OneHotEncoder, or before the request
#>
#> 1 error
