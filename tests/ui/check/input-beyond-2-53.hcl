project "p" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

channel "c" {
  email = "a@example.com"
}

workflow "w" {
  input "n" {
    type    = number
    default = 9007199254740993
  }
  trigger {
    schedule = "rate(1 hour)"
    input    = { n = 9223372036854775807 }
  }
  stage "a" {
    notify  = channel.c
    message = "a ${input.n}"
  }
}

#> invalid-value
#>
#>   x `9007199254740993` is beyond what a running workflow can hold exactly
#>     ,-[input-beyond-2-53.hcl:16:15]
#>  15 |     type    = number
#>  16 |     default = 9007199254740993
#>     :               ^^^^^^^^^^^^^^^^
#>  17 |   }
#>     `----
#>   help: write it as a string, or keep it within 2^53
#>
#> invalid-value
#>
#>   x `9223372036854775807` is beyond what a running workflow can hold exactly
#>     ,-[input-beyond-2-53.hcl:20:22]
#>  19 |     schedule = "rate(1 hour)"
#>  20 |     input    = { n = 9223372036854775807 }
#>     :                      ^^^^^^^^^^^^^^^^^^^
#>  21 |   }
#>     `----
#>   help: write it as a string, or keep it within 2^53
#>
#> 2 errors
