project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

locals {
  parts = 0
}

workflow "assess" {
  input "whole" { type = number }
  stage "half" {
    value = input.whole / local.parts
  }
  stage "rest" {
    value = input.whole % 0
  }
  stage "fine" {
    value = 0 / input.whole
  }
}

#> arithmetic
#>
#>   x division by zero
#>     ,-[division-by-zero.hcl:16:27]
#>  15 |   stage "half" {
#>  16 |     value = input.whole / local.parts
#>     :                           ^^^^^|^^^^^
#>     :                                `-- this is zero
#>  17 |   }
#>     `----
#>
#> arithmetic
#>
#>   x division by zero
#>     ,-[division-by-zero.hcl:19:27]
#>  18 |   stage "rest" {
#>  19 |     value = input.whole % 0
#>     :                           |
#>     :                           `-- this is zero
#>  20 |   }
#>     `----
#>
#> 2 errors
