project "demo" {}

model "risk" {
  version "1" {
    file   = "models/linear.onnx"
    golden = "models/nothing.json"
  }
  serve = "1"
}

#> golden-invalid
#>
#>   x `models/nothing.json` can't be read
#>    ,-[golden-not-there.hcl:6:14]
#>  5 |     file   = "models/linear.onnx"
#>  6 |     golden = "models/nothing.json"
#>    :              ^^^^^^^^^^^^^^^^^^^^^
#>  7 |   }
#>    `----
#>   help: No such file or directory (os error 2)
#>
#> 1 error
