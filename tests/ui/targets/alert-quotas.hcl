project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

channel "a" {
  email = "oncall@example.com"
}

channel "b" {
  email = "oncall@example.com"
}

channel "c" {
  email = "oncall@example.com"
}

channel "d" {
  email = "oncall@example.com"
}

channel "e" {
  email = "oncall@example.com"
}

channel "f" {
  email = "oncall@example.com"
}

workflow "one" {
  stage "load" {
    read = bucket.data
    key  = "a.json"
  }
}

workflow "two" {
  stage "load" {
    read = bucket.data
    key  = "a.json"
  }
}

workflow "three" {
  stage "load" {
    read = bucket.data
    key  = "a.json"
  }
}

alert "long" {
  when   = workflow.one.failures.count > 0
  for    = "25h"
  notify = [channel.a]
}

alert "loud" {
  when   = workflow.one.failures.count > 0
  notify = [channel.a, channel.b, channel.c, channel.d, channel.e, channel.f]
}

alert "wide" {
  when   = workflow.one.failures.rate > 0.1 || workflow.two.failures.rate > 0.2 || workflow.three.failures.rate > 0.3
  notify = [channel.a]
}

alert "wordy" {
  when   = workflow.one.failures.count > 0
  notify = [channel.a]
  description = "words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words words "
}

#> limit
#>
#>   x alert `long` must hold for `25h`; CloudWatch looks back a day
#>     ,-[alert-quotas.hcl:60:12]
#>  59 |   when   = workflow.one.failures.count > 0
#>  60 |   for    = "25h"
#>     :            ^^^^^
#>  61 |   notify = [channel.a]
#>     `----
#>   help: use at most "24h"
#>
#> limit
#>
#>   x alert `loud` has a number of channels of 6; CloudWatch allows 5
#>     ,-[alert-quotas.hcl:64:1]
#>  63 |
#>  64 | alert "loud" {
#>     : ^^^^^^^^^^^^
#>  65 |   when   = workflow.one.failures.count > 0
#>     `----
#>   help: subscribe several addresses to one channel
#>
#> limit
#>
#>   x alert `wide` has a number of metrics of 12; CloudWatch allows 10
#>     ,-[alert-quotas.hcl:69:1]
#>  68 |
#>  69 | alert "wide" {
#>     : ^^^^^^^^^^^^
#>  70 |   when   = workflow.one.failures.rate > 0.1 || workflow.two.failures.rate > 0.2 || workflow.three.failures.rate > 0.3
#>     `----
#>   help: split it into several alerts
#>
#> limit
#>
#>   x alert `wordy` has a description with a length of 1128; CloudWatch allows 1024
#>     ,-[alert-quotas.hcl:74:1]
#>  73 |
#>  74 | alert "wordy" {
#>     : ^^^^^^^^^^^^^
#>  75 |   when   = workflow.one.failures.count > 0
#>     `----
#>   help: shorten its `description`
#>
#> 4 errors
