project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/rows.csv"
    at_most = { rmse = 0.2 }
  }
}

#> missing-attribute
#>
#>   x this `quality` does not say what is true
#>    ,-[gate-without-label.hcl:7:3]
#>  6 |
#>  7 |   quality {
#>    :   ^^^^^^^
#>  8 |     dataset = "models/rows.csv"
#>    `----
#>   help: add `label = "COLUMN"`, or `labels = "….npy"` beside rows in NPY
#>
#> 1 error
