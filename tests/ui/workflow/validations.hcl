project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "assess" {
  input "amount" {
    type = number
    validation {
      condition     = input.amount > 0 && stage.one.value
      error_message = "the amount must be positive"
    }
    validation {
      condition     = true
      error_message = ""
    }
    validation {
      condition     = input.amount
      error_message = "what?"
    }
  }
  stage "one" {
    value = true
  }
}

#> undefined-reference
#>
#>   x `stage` is not known when an input is looked at
#>     ,-[validations.hcl:13:43]
#>  12 |     validation {
#>  13 |       condition     = input.amount > 0 && stage.one.value
#>     :                                           ^^^^^^^^^
#>  14 |       error_message = "the amount must be positive"
#>     `----
#>   help: the condition of a `validation` is about `input`
#>
#> invalid-value
#>
#>   x this rule does not look at the input
#>     ,-[validations.hcl:17:23]
#>  16 |     validation {
#>  17 |       condition     = true
#>     :                       ^^^^
#>  18 |       error_message = ""
#>     `----
#>   help: write a condition about `input.amount`
#>
#> invalid-value
#>
#>   x the message is empty
#>     ,-[validations.hcl:18:23]
#>  17 |       condition     = true
#>  18 |       error_message = ""
#>     :                       ^^
#>  19 |     }
#>     `----
#>   help: say what the input must be
#>
#> wrong-type
#>
#>   x `condition` must be a bool, and this is a number
#>     ,-[validations.hcl:21:23]
#>  20 |     validation {
#>  21 |       condition     = input.amount
#>     :                       ^^^^^^^^^^^^
#>  22 |       error_message = "what?"
#>     `----
#>   help: compare it, as in `… > 0.5`
#>
#> 4 errors
