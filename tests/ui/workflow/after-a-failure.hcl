project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "assess" {
  stage "stop" {
    fail = "not today"
  }
  stage "go_on" {
    after = [stage.stop]
    value = 1
  }
}

#> unreachable-stage
#>
#>   x the stage `go_on` never runs: `stop` ends the execution
#>     ,-[after-a-failure.hcl:14:20]
#>   9 | workflow "assess" {
#>  10 |   stage "stop" {
#>     :         ^^^|^^
#>     :            `-- it always fails
#>  11 |     fail = "not today"
#>  12 |   }
#>  13 |   stage "go_on" {
#>  14 |     after = [stage.stop]
#>     :                    ^^^^
#>  15 |     value = 1
#>     `----
#>   help: give `stop` a `when`, or take one of the two out
#>
#> 1 error
