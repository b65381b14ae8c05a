project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "assess" {
  stage "a" {
    value = 1
  }
  stage "b" {
    value = 2
  }
  stage "c" {
    value = stage.a.value
  }
  stage "d" {
    value = stage.a.value + stage.b.value
  }
}

#> needless-wait
#>
#>   ! `c` waits for `b`, which it does not need
#>     ,-[waits-without-need.hcl:16:9]
#>  12 |   }
#>  13 |   stage "b" {
#>     :         ^|^
#>     :          `-- must have ended before
#>  14 |     value = 2
#>  15 |   }
#>  16 |   stage "c" {
#>     :         ^^^
#>  17 |     value = stage.a.value
#>     `----
#>   help: branches side by side can't say otherwise; if that is fine, say so: `after = [stage.b]`
#>
#> 1 warning
