project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

workflow "assess" {
  input "seconds" {
    type = number
  }
  stage "load" {
    read    = bucket.data
    key     = "a.json"
    timeout = "${input.seconds}s"
  }
}

#> known-later
#>
#>   x `timeout` must be known when compiling
#>     ,-[known-later.hcl:20:15]
#>  19 |     key     = "a.json"
#>  20 |     timeout = "${input.seconds}s"
#>     :               ^^^^^^^^^|^^^^^^^^^
#>     :                        `-- known only when the workflow runs, or in the monitoring system
#>  21 |   }
#>     `----
#>   help: `timeout` takes a duration such as "250ms", "10s" or "5m"
#>
#> 1 error
