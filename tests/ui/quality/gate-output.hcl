project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/rows.csv"
    label   = "y"
    at_most = { rmse = 0.2 }
    output  = "z"
  }
}

#> undefined-reference
#>
#>   x the model has no output `z`
#>     ,-[gate-output.hcl:11:15]
#>  10 |     at_most = { rmse = 0.2 }
#>  11 |     output  = "z"
#>     :               ^^^
#>  12 |   }
#>     `----
#>   help: it has the outputs `y`
#>
#> 1 error
