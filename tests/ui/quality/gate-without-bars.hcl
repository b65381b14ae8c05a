project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/rows.csv"
    label   = "y"
  }
}

#> missing-attribute
#>
#>   x this `quality` asks for nothing
#>    ,-[gate-without-bars.hcl:7:3]
#>  6 |
#>  7 |   quality {
#>    :   ^^^^^^^
#>  8 |     dataset = "models/rows.csv"
#>    `----
#>   help: add a bar, such as `at_least = { accuracy = 0.9 }` or `at_most = { rmse = 0.2 }`
#>
#> 1 error
