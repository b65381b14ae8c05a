project "demo" {}

model "risk" {
  version "1" { file = "../secret.onnx" }
  serve = "1"
}

#> invalid-value
#>
#>   x `../secret.onnx` does not stay in the spec's folder: write it relative to that folder, with `/
#>   | ` between its parts and no `..`
#>    ,-[path-outside.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "../secret.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>
#> 1 error
