project "demo" {}

model "risk" {
  serve = "1"
}

#> missing-block
#>
#>   x the model `risk` has no `version` block
#>    ,-[model-without-version.hcl:3:1]
#>  2 |
#>  3 | model "risk" {
#>    : ^^^^^^^^^^^^
#>  4 |   serve = "1"
#>    `----
#>   help: add `version "1" { file = "….onnx" }`
#>
#> 1 error
