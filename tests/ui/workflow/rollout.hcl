project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

channel "oncall" {
  email = "oncall@example.com"
}

alert "failed" {
  when   = workflow.assess.failures.count > 0
  for    = "1m"
  notify = [channel.oncall]
}

workflow "assess" {
  rollout "canary" {
    percent  = "100%"
    interval = "90s"
    abort_on = [alert.failed, alert.failed]
  }
  stage "one" {
    value = 1
  }
}

workflow "other" {
  rollout "blue" {}
  stage "one" {
    value = 1
  }
}

#> invalid-value
#>
#>   x a share of `100%` can't move to the new version first
#>     ,-[rollout.hcl:21:16]
#>  20 |   rollout "canary" {
#>  21 |     percent  = "100%"
#>     :                ^^^^^^
#>  22 |     interval = "90s"
#>     `----
#>   help: write whole percents, from "1%" to "99%"
#>
#> invalid-value
#>
#>   x `90s` is no time between two shares
#>     ,-[rollout.hcl:22:16]
#>  21 |     percent  = "100%"
#>  22 |     interval = "90s"
#>     :                ^^^^^
#>  23 |     abort_on = [alert.failed, alert.failed]
#>     `----
#>   help: write whole minutes, from "1m" to "35h"
#>
#> duplicate-name
#>
#>   x the alert `failed` is named twice
#>     ,-[rollout.hcl:23:16]
#>  22 |     interval = "90s"
#>  23 |     abort_on = [alert.failed, alert.failed]
#>     :                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  24 |   }
#>     `----
#>   help: name it once
#>
#> invalid-value
#>
#>   x `blue` is no way to move executions; there are "canary", "linear"
#>     ,-[rollout.hcl:31:11]
#>  30 | workflow "other" {
#>  31 |   rollout "blue" {}
#>     :           ^^^^^^
#>  32 |   stage "one" {
#>     `----
#>
#> 4 errors
