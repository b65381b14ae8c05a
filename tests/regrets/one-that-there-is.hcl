# "there are `score`": one is not several.
project "p" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

channel "oncall" {
  email = "oncall@example.com"
}

workflow "assess" {
  stage "tell" {
    notify  = channel.oncall
    message = stage.load.body
  }
}

#> undefined-reference
#>
#>   x the workflow `assess` has no stage `load`
#>     ,-[one-that-there-is.hcl:17:21]
#>  16 |     notify  = channel.oncall
#>  17 |     message = stage.load.body
#>     :                     ^^^^
#>  18 |   }
#>     `----
#>   help: there are `tell`
#>
#> 1 error
