project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "2"
}

#> undefined-reference
#>
#>   x the model `risk` has no version `2`
#>    ,-[version-that-is-not-there.hcl:5:11]
#>  4 |   version "1" { file = "models/linear.onnx" }
#>  5 |   serve = "2"
#>    :           ^^^
#>  6 | }
#>    `----
#>   help: it has the versions `1`
#>
#> 1 error
