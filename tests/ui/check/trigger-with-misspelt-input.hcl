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
  input "application" {
    type = string
  }
  trigger {
    schedule = "rate(1 hour)"
    input    = { aplication = "latest" }
  }
  stage "a" {
    notify  = channel.c
    message = input.application
  }
}

#> undefined-reference
#>
#>   x the workflow `w` has no input `aplication`
#>     ,-[trigger-with-misspelt-input.hcl:19:18]
#>  18 |     schedule = "rate(1 hour)"
#>  19 |     input    = { aplication = "latest" }
#>     :                  ^^^^^^^^^^
#>  20 |   }
#>     `----
#>   help: did you mean `application`?
#>
#> 1 error
