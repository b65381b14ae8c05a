project "demo" {}

model "risk" {
  version "1" { file = "models/external-data.onnx" }
  serve = "1"
}

#> model-invalid
#>
#>   x `models/external-data.onnx` can't be served: the weights of `weight` are stored in another
#>   | file
#>    ,-[model-external-data.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/external-data.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: save the model as one file (in Python: `onnx.save(model, path,
#>         save_as_external_data=False)`)
#>
#> 1 error
