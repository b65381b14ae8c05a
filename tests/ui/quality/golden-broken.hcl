project "demo" {}

model "risk" {
  version "1" {
    file   = "models/linear.onnx"
    golden = "models/linear-broken.golden.json"
  }
  serve = "1"
}

#> golden-invalid
#>
#>   x these are no golden pairs: unknown field `output`, expected one of `inputs`, `outputs`,
#>   | `tolerance`
#>    ,-[models/linear-broken.golden.json:2:47]
#>  1 | [
#>  2 |   { "inputs": { "x": [[1, 2, 3, 4]] }, "output": { "y": [[1]] } }
#>    :                                               ^
#>  3 | ]
#>    `----
#>   help: write a list of `{"inputs": {NAME: VALUES}, "outputs": {NAME: VALUES}}`
#>
#> Advice:
#>   > see `golden-broken.hcl`
#>    ,-[golden-broken.hcl:6:14]
#>  5 |     file   = "models/linear.onnx"
#>  6 |     golden = "models/linear-broken.golden.json"
#>    :              ^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^
#>    :                               `-- named here
#>  7 |   }
#>    `----
#>
#> 1 error
