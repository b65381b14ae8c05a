project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "a" {
  stage "b" {
    start = workflow.b
  }
}

workflow "b" {
  stage "one" {
    value = 1
  }
}

workflow "c" {
  trigger {
    workflow = workflow.b
  }
  stage "a" {
    start = workflow.a
  }
}

workflow "again" {
  stage "again" {
    start = workflow.again
  }
}

#> cycle
#>
#>   x workflows start each other, without end: a -> b -> c -> a
#>     ,-[workflows-in-a-circle.hcl:11:13]
#>  10 |   stage "b" {
#>  11 |     start = workflow.b
#>     :             ^^^^^|^^^^
#>     :                  `-- `a` starts `b`
#>  12 |   }
#>     `----
#>     ,-[workflows-in-a-circle.hcl:23:16]
#>  22 |   trigger {
#>  23 |     workflow = workflow.b
#>     :                ^^^^^|^^^^
#>     :                     `-- `c` begins when `b` ends
#>  24 |   }
#>  25 |   stage "a" {
#>  26 |     start = workflow.a
#>     :             ^^^^^|^^^^
#>     :                  `-- `c` starts `a`
#>  27 |   }
#>     `----
#>   help: each execution would lead to another; take one of these out
#>
#> cycle
#>
#>   x the workflow `again` starts itself, without end
#>     ,-[workflows-in-a-circle.hcl:32:13]
#>  31 |   stage "again" {
#>  32 |     start = workflow.again
#>     :             ^^^^^^^|^^^^^^
#>     :                    `-- `again` starts `again`
#>  33 |   }
#>     `----
#>   help: each execution would lead to another; take one of these out
#>
#> 2 errors
