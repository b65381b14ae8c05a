project "demo" {}

bucket "data" {
  name = "my-bucket"
}

model "a" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "${bucket.data.uri}/models/"
}

model "b" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "oci://registry.example.com/risk"
}

model "c" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "http://models.example.com"
}

model "d" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "models/risk"
}

model "e" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "https://models.example.com/risk?token=secret"
}

model "f" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = bucket.data
}

model "g" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "gs://my-bucket/models"
}

model "h" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "https://localhost/models"
}

#> invalid-value
#>
#>   x `s3://my-bucket/models/` has a `/` without a name behind it; file names follow the address
#>     ,-[model-stores.hcl:10:11]
#>   9 |   serve = "1"
#>  10 |   store = "${bucket.data.uri}/models/"
#>     :           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  11 | }
#>     `----
#>
#> invalid-value
#>
#>   x `oci://registry.example.com/risk` is an image, which not every Kubernetes mounts as a volume;
#>   | keep the model in a bucket, `s3://`, or at `https://`
#>     ,-[model-stores.hcl:16:11]
#>  15 |   serve = "1"
#>  16 |   store = "oci://registry.example.com/risk"
#>     :           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  17 | }
#>     `----
#>
#> invalid-value
#>
#>   x `http://models.example.com` is not encrypted; write `https://` or `s3://`
#>     ,-[model-stores.hcl:22:11]
#>  21 |   serve = "1"
#>  22 |   store = "http://models.example.com"
#>     :           ^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  23 | }
#>     `----
#>
#> invalid-value
#>
#>   x `models/risk` is no address; write one such as `s3://BUCKET/models` or `https://
#>   | models.example.com`
#>     ,-[model-stores.hcl:28:11]
#>  27 |   serve = "1"
#>  28 |   store = "models/risk"
#>     :           ^^^^^^^^^^^^^
#>  29 | }
#>     `----
#>
#> invalid-value
#>
#>   x `https://models.example.com/risk?token=secret` names no folder: use letters, digits, `.`, `_`,
#>   | `~`, `=` and `-`, with `/` between names
#>     ,-[model-stores.hcl:34:11]
#>  33 |   serve = "1"
#>  34 |   store = "https://models.example.com/risk?token=secret"
#>     :           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  35 | }
#>     `----
#>
#> wrong-type
#>
#>   x `store` takes an address such as `s3://BUCKET/models` or `https://models.example.com`, and
#>   | this is a reference to a block
#>     ,-[model-stores.hcl:40:11]
#>  39 |   serve = "1"
#>  40 |   store = bucket.data
#>     :           ^^^^^^^^^^^
#>  41 | }
#>     `----
#>
#> invalid-value
#>
#>   x `gs://my-bucket/models` is no store that services can read; there are `s3://` and `https://`
#>     ,-[model-stores.hcl:46:11]
#>  45 |   serve = "1"
#>  46 |   store = "gs://my-bucket/models"
#>     :           ^^^^^^^^^^^^^^^^^^^^^^^
#>  47 | }
#>     `----
#>
#> invalid-value
#>
#>   x `https://localhost/models` has no host that a certificate can name; write one such as
#>   | `https://models.example.com`
#>     ,-[model-stores.hcl:52:11]
#>  51 |   serve = "1"
#>  52 |   store = "https://localhost/models"
#>     :           ^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  53 | }
#>     `----
#>
#> 8 errors
