project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "s3://weights/models"
}

#> undefined-reference
#>
#>   x no `bucket` of the spec has the name `weights`
#>    ,-[model-store-without-bucket.hcl:6:11]
#>  5 |   serve = "1"
#>  6 |   store = "s3://weights/models"
#>    :           ^^^^^^^^^^^^^^^^^^^^^
#>  7 | }
#>    `----
#>   help: add `bucket "models" { name = "weights" }`, and write `"${bucket.models.uri}/models"`
#>
#> 1 error
