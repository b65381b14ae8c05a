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
    prediction_log {
      sample = "0%"
      redact = ["featurs", "nothing like it"]
    }
    traces {
      endpoint = "http://collector.observability:4318"
      sample   = "200%"
    }
  }
}

#> invalid-value
#>
#>   x `0%` is no share of the requests
#>     ,-[observe.hcl:23:16]
#>  22 |     prediction_log {
#>  23 |       sample = "0%"
#>     :                ^^^^
#>  24 |       redact = ["featurs", "nothing like it"]
#>     `----
#>   help: write a percentage up to "100%", or leave the block out
#>
#> model-mismatch
#>
#>   x the model has no input or output `featurs`
#>     ,-[observe.hcl:24:16]
#>  23 |       sample = "0%"
#>  24 |       redact = ["featurs", "nothing like it"]
#>     :                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  25 |     }
#>     `----
#>   help: the model has `x`, `y`
#>
#> model-mismatch
#>
#>   x the model has no input or output `nothing like it`
#>     ,-[observe.hcl:24:16]
#>  23 |       sample = "0%"
#>  24 |       redact = ["featurs", "nothing like it"]
#>     :                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  25 |     }
#>     `----
#>   help: the model has `x`, `y`
#>
#> invalid-value
#>
#>   x `200%` is no share of the requests
#>     ,-[observe.hcl:28:18]
#>  27 |       endpoint = "http://collector.observability:4318"
#>  28 |       sample   = "200%"
#>     :                  ^^^^^^
#>  29 |     }
#>     `----
#>   help: write a percentage up to "100%", or leave the block out
#>
#> 4 errors
