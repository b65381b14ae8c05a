project "demo" {}

model "risk" {
  version "1" { file = "models/shifted.onnx" }
  serve = "1"
}

#> model-unsupported
#>
#>   x `models/shifted.onnx` can't be served: the node `shift` (BitShift) shifts by what may be
#>   | negative or as wide as the type, which the engine computes wrongly
#>    ,-[model-unsupported-values.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/shifted.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: shift by a constant within the type's width, or multiply and divide by powers of two
#>
#> model-unsupported
#>
#>   x `models/shifted.onnx` can't be served: the node `most` (ReduceMax) reduces numbers that may
#>   | all be infinite, which the engine takes for the largest finite number
#>    ,-[model-unsupported-values.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/shifted.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: mask with a large finite number, such as -1e30, in place of -inf
#>
#> model-unsupported
#>
#>   x `models/shifted.onnx` can't be served: the node `rotate` (Rotate) is an operator of the domain
#>   | `com.example` that the engine does not have
#>    ,-[model-unsupported-values.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/shifted.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: export the model with ONNX's own operators only
#>
#> 3 errors
