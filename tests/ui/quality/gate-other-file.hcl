project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/linear.onnx"
    label   = "y"
    at_most = { rmse = 0.2 }
  }
}

#> dataset-invalid
#>
#>   x `models/linear.onnx` is no data set
#>    ,-[gate-other-file.hcl:8:15]
#>  7 |   quality {
#>  8 |     dataset = "models/linear.onnx"
#>    :               ^^^^^^^^^^^^^^^^^^^^
#>  9 |     label   = "y"
#>    `----
#>   help: name a file that ends in `.csv` or `.npy`
#>
#> 1 error
