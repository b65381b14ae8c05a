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
  trigger { schedule = "rate(1 week)" }
  trigger { schedule = "cron(0 6 * * *)" }
  trigger { schedule = "cron(61 6 * * ? *)" }

  stage "load" {
    read = bucket.data
    key  = "a.json"
  }
}

#> invalid-value
#>
#>   x `rate(1 week)` is not a rate; write a whole number and minutes, hours or days, as in `rate(5
#>   | minutes)`
#>     ,-[schedules.hcl:14:24]
#>  13 | workflow "assess" {
#>  14 |   trigger { schedule = "rate(1 week)" }
#>     :                        ^^^^^^^^^^^^^^
#>  15 |   trigger { schedule = "cron(0 6 * * *)" }
#>     `----
#>
#> invalid-value
#>
#>   x `cron(0 6 * * *)` has 5 fields; there are six: minutes, hours, day of month, month, day of
#>   | week, year
#>     ,-[schedules.hcl:15:24]
#>  14 |   trigger { schedule = "rate(1 week)" }
#>  15 |   trigger { schedule = "cron(0 6 * * *)" }
#>     :                        ^^^^^^^^^^^^^^^^^
#>  16 |   trigger { schedule = "cron(61 6 * * ? *)" }
#>     `----
#>
#> invalid-value
#>
#>   x `61` in `cron(61 6 * * ? *)` is not a value for the field minutes
#>     ,-[schedules.hcl:16:24]
#>  15 |   trigger { schedule = "cron(0 6 * * *)" }
#>  16 |   trigger { schedule = "cron(61 6 * * ? *)" }
#>     :                        ^^^^^^^^^^^^^^^^^^^^
#>  17 |
#>     `----
#>
#> 3 errors
