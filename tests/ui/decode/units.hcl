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
  timeout     = "10 seconds"
  drain_delay = 5
  image = "registry.example.com/risk"
  resources {
    cpu    = "half"
    memory = "128"
  }
  expose {
    host = "risk.example.com"
  }
}

#> invalid-value
#>
#>   x `seconds` is not a unit of time; use ms, s, m, h or d
#>     ,-[units.hcl:16:17]
#>  15 |   model = model.risk
#>  16 |   timeout     = "10 seconds"
#>     :                 ^^^^^^^^^^^^
#>  17 |   drain_delay = 5
#>     `----
#>
#> wrong-type
#>
#>   x `drain_delay` takes a duration such as "250ms", "10s" or "5m", and this is a number
#>     ,-[units.hcl:17:17]
#>  16 |   timeout     = "10 seconds"
#>  17 |   drain_delay = 5
#>     :                 ^
#>  18 |   image = "registry.example.com/risk"
#>     `----
#>
#> invalid-value
#>
#>   x `half` does not begin with a number
#>     ,-[units.hcl:20:14]
#>  19 |   resources {
#>  20 |     cpu    = "half"
#>     :              ^^^^^^
#>  21 |     memory = "128"
#>     `----
#>
#> invalid-value
#>
#>   x `128` has no unit; write `128Mi` for mebibytes, or use Ki, Gi, Ti, k, M, G or T
#>     ,-[units.hcl:21:14]
#>  20 |     cpu    = "half"
#>  21 |     memory = "128"
#>     :              ^^^^^
#>  22 |   }
#>     `----
#>
#> 4 errors
