project "demo" {}

model "risk" {
  version "1" {
    file   = "models/linear.onnx"
    golden = "models/linear-wrong.golden.json"
  }
  serve = "1"
}

#> golden-mismatch
#>
#>   x `models/linear.onnx` does not compute what it should
#>    ,-[golden-mismatch.hcl:6:14]
#>  5 |     file   = "models/linear.onnx"
#>  6 |     golden = "models/linear-wrong.golden.json"
#>    :              ^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^
#>    :                              `-- golden pair 1: output `y` at [0, 0] is 3.1, not 3.5 within 3.600e-4; 1 of 1 values differ
#>  7 |   }
#>    `----
#>   help: compare with the framework that trained the model; a `tolerance` beside the pair allows
#>         for rounding
#>
#> 1 error
