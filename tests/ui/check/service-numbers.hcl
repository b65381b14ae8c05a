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
  timeout     = "10m"
  drain_delay = "10m"
  image = "registry.example.com/risk"
  resources {
    cpu    = 0
    memory = "1Mi"
  }
  expose {
    host = "risk.example.com"
  }
}

#> invalid-value
#>
#>   x a request of `10m` outlives every load balancer
#>     ,-[service-numbers.hcl:16:17]
#>  15 |   model = model.risk
#>  16 |   timeout     = "10m"
#>     :                 ^^^^^
#>  17 |   drain_delay = "10m"
#>     `----
#>   help: write "5m" or less
#>
#> invalid-value
#>
#>   x draining for `10m` holds up every rollout
#>     ,-[service-numbers.hcl:17:17]
#>  16 |   timeout     = "10m"
#>  17 |   drain_delay = "10m"
#>     :                 ^^^^^
#>  18 |   image = "registry.example.com/risk"
#>     `----
#>   help: write "2m" or less
#>
#> invalid-value
#>
#>   x a replica needs some CPU
#>     ,-[service-numbers.hcl:20:14]
#>  19 |   resources {
#>  20 |     cpu    = 0
#>     :              ^
#>  21 |     memory = "1Mi"
#>     `----
#>   help: write "100m" or more
#>
#> invalid-value
#>
#>   x `1Mi` is too little memory for any model
#>     ,-[service-numbers.hcl:21:14]
#>  20 |     cpu    = 0
#>  21 |     memory = "1Mi"
#>     :              ^^^^^
#>  22 |   }
#>     `----
#>   help: write "32Mi" or more
#>
#> 4 errors
