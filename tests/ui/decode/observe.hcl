project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
}

service "risk" {
  model = model.risk
  image = "registry.example.com/risk"
  resources {
    cpu    = 1
    memory = "64Mi"
  }
  observe {
    access_log = "some"
    prediction_log {}
    traces {
      endpoint = "https://collector.observability:4318"
    }
  }
}

#> invalid-value
#>
#>   x `some` is no choice; there are "all", "errors" and "off"
#>     ,-[observe.hcl:22:18]
#>  21 |   observe {
#>  22 |     access_log = "some"
#>     :                  ^^^^^^
#>  23 |     prediction_log {}
#>     `----
#>
#> missing-attribute
#>
#>   x this `prediction_log` has no `sample`
#>     ,-[observe.hcl:23:5]
#>  22 |     access_log = "some"
#>  23 |     prediction_log {}
#>     :     ^^^^^^^^^^^^^^
#>  24 |     traces {
#>     `----
#>   help: add `sample = …`; it takes a percentage such as "70%"
#>
#> invalid-value
#>
#>   x `https://collector.observability:4318` is no address of a collector; write `http://HOST:PORT`,
#>   | as in `http://collector.observability:4318`
#>     ,-[observe.hcl:25:18]
#>  24 |     traces {
#>  25 |       endpoint = "https://collector.observability:4318"
#>     :                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  26 |     }
#>     `----
#>
#> 3 errors
