project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/features.npy"
    labels  = "models/truth-short.npy"
    at_most = { rmse = 0.2 }
  }
}

#> dataset-invalid
#>
#>   x `models/truth-short.npy` is a table of 3 by 1, and the labels of 4 rows are a column of as
#>   | many
#>     ,-[npy-labels-short.hcl:9:15]
#>   8 |     dataset = "models/features.npy"
#>   9 |     labels  = "models/truth-short.npy"
#>     :               ^^^^^^^^^^^^^^^^^^^^^^^^
#>  10 |     at_most = { rmse = 0.2 }
#>     `----
#>
#> 1 error
