project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/features.npy"
    labels  = "models/words.npy"
    at_most = { rmse = 0.2 }
  }
}

#> dataset-invalid
#>
#>   x `models/words.npy`: its elements are `<U3`; save numbers, little-endian
#>     ,-[npy-words.hcl:9:15]
#>   8 |     dataset = "models/features.npy"
#>   9 |     labels  = "models/words.npy"
#>     :               ^^^^^^^^^^^^^^^^^^
#>  10 |     at_most = { rmse = 0.2 }
#>     `----
#>
#> 1 error
