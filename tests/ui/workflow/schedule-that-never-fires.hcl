project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "a" {
  trigger {
    schedule = "cron(0 6 31 2 ? *)"
  }
  trigger {
    schedule = "cron(0 6 31 APR,6,9,NOV ? *)"
  }
  trigger {
    schedule = "cron(0 6 29 FEB ? 2027)"
  }
  trigger {
    schedule = "at(2027-02-30T06:00:00)"
  }
  trigger {
    schedule = "at(tomorrow)"
  }
  stage "one" {
    value = 1
  }
}

#> invalid-value
#>
#>   x `cron(0 6 31 2 ? *)` never fires: there is no day 31 in the months and years that it names
#>     ,-[schedule-that-never-fires.hcl:11:16]
#>  10 |   trigger {
#>  11 |     schedule = "cron(0 6 31 2 ? *)"
#>     :                ^^^^^^^^^^^^^^^^^^^^
#>  12 |   }
#>     `----
#>
#> invalid-value
#>
#>   x `cron(0 6 31 APR,6,9,NOV ? *)` never fires: there is no day 31 in the months and years that it
#>   | names
#>     ,-[schedule-that-never-fires.hcl:14:16]
#>  13 |   trigger {
#>  14 |     schedule = "cron(0 6 31 APR,6,9,NOV ? *)"
#>     :                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  15 |   }
#>     `----
#>
#> invalid-value
#>
#>   x `cron(0 6 29 FEB ? 2027)` never fires: there is no day 29 in the months and years that it
#>   | names
#>     ,-[schedule-that-never-fires.hcl:17:16]
#>  16 |   trigger {
#>  17 |     schedule = "cron(0 6 29 FEB ? 2027)"
#>     :                ^^^^^^^^^^^^^^^^^^^^^^^^^
#>  18 |   }
#>     `----
#>
#> invalid-value
#>
#>   x `at(2027-02-30T06:00:00)` never fires: there is no such day
#>     ,-[schedule-that-never-fires.hcl:20:16]
#>  19 |   trigger {
#>  20 |     schedule = "at(2027-02-30T06:00:00)"
#>     :                ^^^^^^^^^^^^^^^^^^^^^^^^^
#>  21 |   }
#>     `----
#>
#> invalid-value
#>
#>   x `at(tomorrow)` is no moment; write one such as `at(2027-01-31T06:00:00)`
#>     ,-[schedule-that-never-fires.hcl:23:16]
#>  22 |   trigger {
#>  23 |     schedule = "at(tomorrow)"
#>     :                ^^^^^^^^^^^^^^
#>  24 |   }
#>     `----
#>
#> 5 errors
