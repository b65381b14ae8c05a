project "p" {}

model "risk" {
  version "3" {
    for_each = [1]
    file     = "models/risk-3.onnx"
  }
  serve = "3"
}

#> wrong-type
#>
#>   x `for_each` takes a list of strings, and this element is a number
#>    ,-[for-each-version.hcl:5:16]
#>  4 |   version "3" {
#>  5 |     for_each = [1]
#>    :                ^^^
#>  6 |     file     = "models/risk-3.onnx"
#>    `----
#>   help: write a map, or a list of strings without repetitions: each key or string names an
#>         instance
#>
#> model-unreadable
#>
#>   x there is no file `models/risk-3.onnx`
#>    ,-[for-each-version.hcl:6:16]
#>  5 |     for_each = [1]
#>  6 |     file     = "models/risk-3.onnx"
#>    :                ^^^^^^^^^^^^^^^^^^^^
#>  7 |   }
#>    `----
#>   help: the path is relative to the folder of the spec
#>
#> 2 errors
