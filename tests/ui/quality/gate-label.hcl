project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/rows.csv"
    label   = "z"
    at_most = { rmse = 0.2 }
  }
}

#> dataset-invalid
#>
#>   x `models/rows.csv` has no column `z`
#>     ,-[gate-label.hcl:9:15]
#>   8 |     dataset = "models/rows.csv"
#>   9 |     label   = "z"
#>     :               ^^^
#>  10 |     at_most = { rmse = 0.2 }
#>     `----
#>   help: its columns are `a`, `b`, `c`, `d`, `y`
#>
#> 1 error
