project "demo" {}

model "risk" {
  version "1" { file = "models/reverse-lstm.onnx" }
  serve = "1"
}

#> model-unsupported
#>
#>   x `models/reverse-lstm.onnx` can't be served: the node `recur` (LSTM) has `direction = reverse`,
#>   | but the engine honours only `forward` and `bidirectional`
#>    ,-[model-unsupported.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/reverse-lstm.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: for `direction = reverse`, reverse the sequence before and after (Slice with a step of
#>         -1); otherwise, use the defaults
#>
#> model-unsupported
#>
#>   x `models/reverse-lstm.onnx` can't be served: the node `recur` (LSTM) has `activations =
#>   | Sigmoid, Relu, Tanh`, but the engine honours only Sigmoid, Tanh, Tanh
#>    ,-[model-unsupported.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/reverse-lstm.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: use the usual activations, or write the recurrence with Scan
#>
#> model-unsupported
#>
#>   x `models/reverse-lstm.onnx` can't be served: the node `unique` (Unique) is an operator that the
#>   | engine does not have
#>    ,-[model-unsupported.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/reverse-lstm.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: export the model for another opset, or write it with operators that the engine has
#>
#> 3 errors
