project "p" {}

model "risk" {
  version "3" {
    for_each = [1]
    file     = "models/linear.onnx"
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
#>  6 |     file     = "models/linear.onnx"
#>    `----
#>   help: write a map, or a list of strings without repetitions: each key or string names an
#>         instance
#>
#> 1 error
