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
  when   = service.risk.latency.p99 > 250
  notify = [channel.oncall]
}

alert "share" {
  when   = service.risk.errors.rate > 5
  notify = [channel.oncall]
}

alert "count" {
  when   = workflow.assess.failures.count > "1m"
  notify = [channel.oncall]
}

#> wrong-type
#>
#>   x the threshold is a number
#>     ,-[alert-unit.hcl:42:39]
#>  41 | alert "bad" {
#>  42 |   when   = service.risk.latency.p99 > 250
#>     :                                       ^^^
#>  43 |   notify = [channel.oncall]
#>     `----
#>   help: `latency.p99` is compared with a duration such as "250ms"
#>
#> invalid-value
#>
#>   x a share of 5 is never reached
#>     ,-[alert-unit.hcl:47:39]
#>  46 | alert "share" {
#>  47 |   when   = service.risk.errors.rate > 5
#>     :                                       ^
#>  48 |   notify = [channel.oncall]
#>     `----
#>   help: `errors.rate` is compared with a share from 0 to 1 such as 0.01, or a percentage such as
#>         "1%"
#>
#> wrong-type
#>
#>   x the threshold is a string
#>     ,-[alert-unit.hcl:52:45]
#>  51 | alert "count" {
#>  52 |   when   = workflow.assess.failures.count > "1m"
#>     :                                             ^^^^
#>  53 |   notify = [channel.oncall]
#>     `----
#>   help: `failures.count` is compared with a number of events in a minute
#>
#> 3 errors
