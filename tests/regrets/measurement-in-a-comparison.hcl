# The second finding follows from the first: a measurement of time would be compared with a duration.
project "p" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "risk" {
  serve = "1"
  version "1" { file = "models/linear.onnx" }
}

service "risk" {
  model = model.risk
  image = "registry.example.com/risk"
  resources {
    cpu    = 1
    memory = "512Mi"
  }
}

channel "oncall" {
  email = "oncall@example.com"
}

workflow "assess" {
  stage "tell" {
    when    = service.risk.latency.p99 > "1s"
    notify  = channel.oncall
    message = "slow"
  }
}

#> known-later
#>
#>   x measurements of `service.risk` are known only in the monitoring system
#>     ,-[measurement-in-a-comparison.hcl:30:15]
#>  29 |   stage "tell" {
#>  30 |     when    = service.risk.latency.p99 > "1s"
#>     :               ^^^^^^^^^^^^^^^^^^^^^^^^
#>  31 |     notify  = channel.oncall
#>     `----
#>   help: use them in the `when` of an `alert`
#>
#> invalid-operand
#>
#>   x `>` takes a number, and this is a string
#>     ,-[measurement-in-a-comparison.hcl:30:42]
#>  29 |   stage "tell" {
#>  30 |     when    = service.risk.latency.p99 > "1s"
#>     :                                          ^^^^
#>  31 |     notify  = channel.oncall
#>     `----
#>   help: convert it: `tonumber(…)`
#>
#> 2 errors
