project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/rows-few.csv"
    label   = "y"
    at_most = { rmse = 0.2 }
  }
}

#> dataset-invalid
#>
#>   x `models/rows-few.csv` does not fit the model: input `x` of shape [-1, 4] takes 4 columns, and
#>   | there are 3 besides the label
#>    ,-[gate-few-columns.hcl:8:15]
#>  7 |   quality {
#>  8 |     dataset = "models/rows-few.csv"
#>    :               ^^^^^^^^^^^^^^^^^^^^^
#>  9 |     label   = "y"
#>    `----
#>
#> 1 error
