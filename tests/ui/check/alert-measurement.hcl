project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

channel "oncall" {
  email = "oncall@example.com"
}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
}

service "risk" {
  model = model.risk
  image = "registry.example.com/risk"
  resources {
    cpu    = "500m"
    memory = "128Mi"
  }
  expose {
    host = "risk.example.com"
  }
}

workflow "assess" {
  stage "load" {
    read = bucket.data
    key  = "a.json"
  }
}

alert "bad" {
  when   = service.risk.latency.p98 > "250ms"
  notify = [channel.oncall]
}

alert "alone" {
  when   = service.risk > 1
  notify = [channel.oncall]
}

#> undefined-reference
#>
#>   x `service.risk` has no measurement `latency.p98`
#>     ,-[alert-measurement.hcl:42:33]
#>  41 | alert "bad" {
#>  42 |   when   = service.risk.latency.p98 > "250ms"
#>     :                                 ^^^
#>  43 |   notify = [channel.oncall]
#>     `----
#>   help: did you mean `p90`?
#>
#> invalid-operand
#>
#>   x `>` needs a number, found a reference to a block
#>     ,-[alert-measurement.hcl:47:12]
#>  46 | alert "alone" {
#>  47 |   when   = service.risk > 1
#>     :            ^^^^^^^^^^^^
#>  48 |   notify = [channel.oncall]
#>     `----
#>
#> 2 errors
