project "demo" {}

bucket "data" {
  name = "my-bucket"
}

model "misspelt" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "s3://my-buckte/models"
}

model "foreign" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "s3://weights/of/somebody"
}

#> undefined-reference
#>
#>   x no `bucket` of the spec has the name `my-buckte`
#>     ,-[model-store.hcl:10:11]
#>   9 |   serve = "1"
#>  10 |   store = "s3://my-buckte/models"
#>     :           ^^^^^^^^^^^^^^^^^^^^^^^
#>  11 | }
#>     `----
#>   help: did you mean `my-bucket`?
#>
#> undefined-reference
#>
#>   x no `bucket` of the spec has the name `weights`
#>     ,-[model-store.hcl:16:11]
#>  15 |   serve = "1"
#>  16 |   store = "s3://weights/of/somebody"
#>     :           ^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  17 | }
#>     `----
#>   help: write `"${bucket.data.uri}/of/somebody"`, or declare a bucket of that name
#>
#> 2 errors
