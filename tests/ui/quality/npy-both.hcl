project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/rows.npy"
    label   = "4"
    labels  = "models/truth.npy"
    at_most = { rmse = 0.2 }
  }
}

#> invalid-value
#>
#>   x both `label` and `labels` are given
#>     ,-[npy-both.hcl:9:15]
#>   8 |     dataset = "models/rows.npy"
#>   9 |     label   = "4"
#>     :               ^^^
#>  10 |     labels  = "models/truth.npy"
#>     :               ^^^^^^^^^|^^^^^^^^
#>     :                        `-- `labels`
#>  11 |     at_most = { rmse = 0.2 }
#>     `----
#>   help: keep one of them
#>
#> 1 error
