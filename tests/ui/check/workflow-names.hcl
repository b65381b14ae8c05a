project "p" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "data"
}

workflow "Assess" {
  stage "load" {
    read = bucket.data
    key  = "a"
  }
}

workflow "assess" {
  trigger {
    schedule = "rate(1 hour)"
  }
  trigger {
    schedule = "rate(1 day)"
  }
  stage "load" {
    read = bucket.data
    key  = "a"
  }
}

workflow "assess-2" {
  trigger {
    schedule = "rate(2 hours)"
  }
  stage "load" {
    read = bucket.data
    key  = "a"
  }
}

#> duplicate-name
#>
#>   x `Assess` and `assess` differ only in capitals
#>     ,-[workflow-names.hcl:20:10]
#>  12 |
#>  13 | workflow "Assess" {
#>     :          ^^^^|^^^
#>     :              `-- the other one
#>  14 |   stage "load" {
#>  15 |     read = bucket.data
#>  16 |     key  = "a"
#>  17 |   }
#>  18 | }
#>  19 |
#>  20 | workflow "assess" {
#>     :          ^^^^^^^^
#>  21 |   trigger {
#>     `----
#>   help: rename one of them: their files would have one name where capitals don't count
#>
#> duplicate-name
#>
#>   x the schedule of this trigger would be called `assess-2`, as that of a workflow
#>     ,-[workflow-names.hcl:24:3]
#>  23 |   }
#>  24 |   trigger {
#>     :   ^^^^^^^
#>  25 |     schedule = "rate(1 day)"
#>  26 |   }
#>  27 |   stage "load" {
#>  28 |     read = bucket.data
#>  29 |     key  = "a"
#>  30 |   }
#>  31 | }
#>  32 |
#>  33 | workflow "assess-2" {
#>     :          ^^^^^|^^^^
#>     :               `-- this one
#>  34 |   trigger {
#>     `----
#>   help: rename one of the workflows
#>
#> 2 errors
