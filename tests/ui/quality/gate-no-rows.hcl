project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/rows-none.csv"
    label   = "y"
    at_most = { rmse = 0.2 }
  }
}

#> dataset-invalid
#>
#>   x `models/rows-none.csv`: it has no rows
#>    ,-[gate-no-rows.hcl:8:15]
#>  7 |   quality {
#>  8 |     dataset = "models/rows-none.csv"
#>    :               ^^^^^^^^^^^^^^^^^^^^^^
#>  9 |     label   = "y"
#>    `----
#>
#> 1 error
