project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/rows-text.csv"
    label   = "y"
    at_most = { rmse = 0.2 }
  }
}

#> dataset-invalid
#>
#>   x `models/rows-text.csv`: line 3, column `c` is `none`, which is no number
#>    ,-[gate-text.hcl:8:15]
#>  7 |   quality {
#>  8 |     dataset = "models/rows-text.csv"
#>    :               ^^^^^^^^^^^^^^^^^^^^^^
#>  9 |     label   = "y"
#>    `----
#>
#> Advice:
#>   > see `models/rows-text.csv`
#>    ,-[models/rows-text.csv:3:5]
#>  2 | 1,2,3,4,3.1
#>  3 | 0,0,none,0,0.4
#>    :     ^^|^
#>    :       `-- here
#>    `----
#>
#> 1 error
