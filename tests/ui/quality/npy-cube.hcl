project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/cube.npy"
    labels  = "models/truth.npy"
    at_most = { rmse = 0.2 }
  }
}

#> dataset-invalid
#>
#>   x `models/cube.npy`: it holds no table: its shape must have one dimension or two
#>    ,-[npy-cube.hcl:8:15]
#>  7 |   quality {
#>  8 |     dataset = "models/cube.npy"
#>    :               ^^^^^^^^^^^^^^^^^
#>  9 |     labels  = "models/truth.npy"
#>    `----
#>
#> 1 error
