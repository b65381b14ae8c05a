project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset  = "models/rows.csv"
    label    = "y"
    at_least = { accurcy = 0.9, rmse = 0.1, f1 = 93, auc = "high" }
    at_most  = { mae = -1 }
  }
}

#> wrong-type
#>
#>   x `at_least` takes a number, and this is a string
#>     ,-[gate-bar-of-text.hcl:10:60]
#>   9 |     label    = "y"
#>  10 |     at_least = { accurcy = 0.9, rmse = 0.1, f1 = 93, auc = "high" }
#>     :                                                            ^^^^^^
#>  11 |     at_most  = { mae = -1 }
#>     `----
#>
#> 1 error
