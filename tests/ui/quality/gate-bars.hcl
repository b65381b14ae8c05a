project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset  = "models/rows.csv"
    label    = "y"
    at_least = { accurcy = 0.9, rmse = 0.1, f1 = 93 }
    at_most  = { mae = -1 }
  }
}

#> invalid-value
#>
#>   x `at_least` takes no `accurcy`
#>     ,-[gate-bars.hcl:10:18]
#>   9 |     label    = "y"
#>  10 |     at_least = { accurcy = 0.9, rmse = 0.1, f1 = 93 }
#>     :                  ^^^^^^^
#>  11 |     at_most  = { mae = -1 }
#>     `----
#>   help: did you mean `accuracy`?
#>
#> invalid-value
#>
#>   x `at_least` takes no `rmse`
#>     ,-[gate-bars.hcl:10:33]
#>   9 |     label    = "y"
#>  10 |     at_least = { accurcy = 0.9, rmse = 0.1, f1 = 93 }
#>     :                                 ^^^^
#>  11 |     at_most  = { mae = -1 }
#>     `----
#>   help: write it in `at_most`
#>
#> invalid-value
#>
#>   x `f1` is a number from 0 to 1
#>     ,-[gate-bars.hcl:10:50]
#>   9 |     label    = "y"
#>  10 |     at_least = { accurcy = 0.9, rmse = 0.1, f1 = 93 }
#>     :                                                  ^^
#>  11 |     at_most  = { mae = -1 }
#>     `----
#>
#> invalid-value
#>
#>   x `mae` is a number of at least 0
#>     ,-[gate-bars.hcl:11:24]
#>  10 |     at_least = { accurcy = 0.9, rmse = 0.1, f1 = 93 }
#>  11 |     at_most  = { mae = -1 }
#>     :                        ^^
#>  12 |   }
#>     `----
#>
#> 4 errors
