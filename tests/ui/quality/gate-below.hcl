project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/rows.csv"
    label   = "y"
    at_most = { rmse = 0.1 }
  }
}

#> below-quality
#>
#>   x the `rmse` of version `1` of the model `risk` is 0.180278, and must be at most 0.1
#>     ,-[gate-below.hcl:10:24]
#>   7 |   quality {
#>   8 |     dataset = "models/rows.csv"
#>     :               ^^^^^^^^|^^^^^^^^
#>     :                       `-- measured on these rows
#>   9 |     label   = "y"
#>  10 |     at_most = { rmse = 0.1 }
#>     :                        ^^^
#>  11 |   }
#>     `----
#>   help: measured from its output `y` over the 4 rows of `models/rows.csv`; serve a better version,
#>         or move the bar
#>
#> 1 error
