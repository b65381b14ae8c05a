project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "assess" {
  input "ok" {
    type = bool
  }
  stage "stop" {
    when  = !input.ok
    fail  = input.ok
    error = "States.Timeout"
  }
  stage "value" {
    value = 1
  }
  output = stage.stop.cause
}

#> wrong-type
#>
#>   x `fail` must be a string, and this is a bool
#>     ,-[fail.hcl:15:13]
#>  14 |     when  = !input.ok
#>  15 |     fail  = input.ok
#>     :             ^^^^^^^^
#>  16 |     error = "States.Timeout"
#>     `----
#>   help: put it in a template: `"${…}"`
#>
#> invalid-value
#>
#>   x `States.Timeout` is a name of Step Functions' own
#>     ,-[fail.hcl:16:13]
#>  15 |     fail  = input.ok
#>  16 |     error = "States.Timeout"
#>     :             ^^^^^^^^^^^^^^^^
#>  17 |   }
#>     `----
#>   help: choose one that says what is wrong, such as `AmountTooLarge`
#>
#> invalid-operand
#>
#>   x the stage `stop` may have been skipped, and then has no outputs
#>     ,-[fail.hcl:21:18]
#>  13 |   stage "stop" {
#>  14 |     when  = !input.ok
#>     :             ^^^^|^^^^
#>     :                 `-- it is skipped unless this is true
#>  15 |     fail  = input.ok
#>  16 |     error = "States.Timeout"
#>  17 |   }
#>  18 |   stage "value" {
#>  19 |     value = 1
#>  20 |   }
#>  21 |   output = stage.stop.cause
#>     :                  ^^^^
#>  22 | }
#>     `----
#>   help: ask first: `stage.stop != null ? stage.stop… : …`, or with `when = stage.stop != null` in
#>         the stage that reads it
#>
#> 3 errors
