project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/rows-nan.csv"
    label   = "y"
    at_most = { rmse = 0.2 }
  }
}

#> dataset-invalid
#>
#>   x `models/rows-nan.csv`: line 2, column `y` is NaN, which nothing can be held against
#>    ,-[gate-nan.hcl:8:15]
#>  7 |   quality {
#>  8 |     dataset = "models/rows-nan.csv"
#>    :               ^^^^^^^^^^^^^^^^^^^^^
#>  9 |     label   = "y"
#>    `----
#>
#> Advice:
#>   > see `models/rows-nan.csv`
#>    ,-[models/rows-nan.csv:2:9]
#>  1 | a,b,c,d,y
#>  2 | 1,2,3,4,NaN
#>    :         ^|^
#>    :          `-- here
#>    `----
#>
#> 1 error
