project "demo" {}

model "risk" {
  version "1" { file = "models/depth.onnx" }
  serve = "1"
}

#> model-unsupported
#>
#>   x `models/depth.onnx` can't be served: the node `fold` (SpaceToDepth) has `mode = CRD`, but the
#>   | engine honours only `DCR`
#>    ,-[model-unsupported-mode.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/depth.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: write it with Reshape and Transpose
#>
#> 1 error
