project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "assess" {
  timeout = "5m"
}

#> missing-block
#>
#>   x the workflow `assess` has no stage
#>     ,-[no-stage.hcl:9:1]
#>   8 |
#>   9 | workflow "assess" {
#>     : ^^^^^^^^^^^^^^^^^
#>  10 |   timeout = "5m"
#>     `----
#>   help: add `stage "NAME" { … }`
#>
#> 1 error
