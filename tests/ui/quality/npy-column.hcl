project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/rows.npy"
    label   = "5"
    at_most = { rmse = 0.2 }
  }
}

#> dataset-invalid
#>
#>   x `models/rows.npy` has no column `5`
#>     ,-[npy-column.hcl:9:15]
#>   8 |     dataset = "models/rows.npy"
#>   9 |     label   = "5"
#>     :               ^^^
#>  10 |     at_most = { rmse = 0.2 }
#>     `----
#>   help: its columns are `0`, `1`, `2`, `3`, `4`
#>
#> 1 error
