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
  labels = { a = "b" }
  image = "registry.example.com/risk"
  resources {
    cpu    = "500m"
    memroy = "128Mi"
  }
  expose {
    host = "risk.example.com"
  }
}

#> unknown-attribute
#>
#>   x `service` has no attribute `labels`
#>     ,-[unknown-attribute.hcl:16:3]
#>  15 |   model = model.risk
#>  16 |   labels = { a = "b" }
#>     :   ^^^^^^
#>  17 |   image = "registry.example.com/risk"
#>     `----
#>   help: the attributes of `service` are `model`, `image`, `traffic`, `shadow`, `package`, `port`,
#>         `timeout`, `drain_delay`, `shadow_sample`, `for_each`
#>
#> unknown-attribute
#>
#>   x `resources` has no attribute `memroy`
#>     ,-[unknown-attribute.hcl:20:5]
#>  19 |     cpu    = "500m"
#>  20 |     memroy = "128Mi"
#>     :     ^^^^^^
#>  21 |   }
#>     `----
#>   help: did you mean `memory`?
#>
#> 2 errors
