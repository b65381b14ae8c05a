project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  version "2" { file = "models/linear.onnx" }
  version "3" { file = "models/linear.onnx" }
  version "4" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/rows.csv"
    label   = "y"
    at_most = { rmse = 0.1 }
  }
}

service "risk" {
  model   = model.risk
  image   = "registry.example.com/risk"
  traffic = { "2" = "100%", "4" = "0%" }
  shadow  = "3"
  resources {
    cpu    = "1"
    memory = "128Mi"
  }
}

#> below-quality
#>
#>   x the `rmse` of version `1` of the model `risk` is 0.180278, and must be at most 0.1
#>     ,-[gate-shares.hcl:19:24]
#>  16 |   quality {
#>  17 |     dataset = "models/rows.csv"
#>     :               ^^^^^^^^|^^^^^^^^
#>     :                       `-- measured on these rows
#>  18 |     label   = "y"
#>  19 |     at_most = { rmse = 0.1 }
#>     :                        ^^^
#>  20 |   }
#>     `----
#>   help: measured from its output `y` over the 4 rows of `models/rows.csv`; serve a better version,
#>         or move the bar
#>
#> below-quality
#>
#>   x the `rmse` of version `2` of the model `risk` is 0.180278, and must be at most 0.1
#>     ,-[gate-shares.hcl:19:24]
#>  16 |   quality {
#>  17 |     dataset = "models/rows.csv"
#>     :               ^^^^^^^^|^^^^^^^^
#>     :                       `-- measured on these rows
#>  18 |     label   = "y"
#>  19 |     at_most = { rmse = 0.1 }
#>     :                        ^^^
#>  20 |   }
#>     `----
#>   help: measured from its output `y` over the 4 rows of `models/rows.csv`; serve a better version,
#>         or move the bar
#>
#> 2 errors
