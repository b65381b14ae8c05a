project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/rose.csv"
    label   = "y"
    at_most = { rmse = 0.2 }
  }
}

#> dataset-invalid
#>
#>   x `models/rose.csv` can't be read
#>    ,-[gate-no-dataset.hcl:8:15]
#>  7 |   quality {
#>  8 |     dataset = "models/rose.csv"
#>    :               ^^^^^^^^^^^^^^^^^
#>  9 |     label   = "y"
#>    `----
#>   help: No such file or directory (os error 2)
#>
#> 1 error
