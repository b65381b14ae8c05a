project "p" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

channel "c" {
  email = "a@example.com"
}

workflow "w" {
  stage "a" {
    notify  = channel.c
    message = "a"
  }
}

alert "failed" {
  when   = workflow.w.failures.count > 0
  notify = [channel.c, channel.c]
}

#> duplicate-name
#>
#>   x the channel `c` is told twice
#>     ,-[channel-told-twice.hcl:22:12]
#>  21 |   when   = workflow.w.failures.count > 0
#>  22 |   notify = [channel.c, channel.c]
#>     :            ^^^^^^^^^^^^^^^^^^^^^^
#>  23 | }
#>     `----
#>   help: name it once
#>
#> 1 error
