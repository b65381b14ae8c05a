project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

channel "oncall" { email = "oncall@example.com" }

workflow "assess" {
  input "limit" {
    type    = number
    default = null
  }
  input "note" {
    type    = string
    default = null
  }
  stage "one" {
    value = input.limit + 1
  }
  stage "two" {
    notify  = channel.oncall
    message = "so ${input.note}"
  }
  stage "fine" {
    value = "${coalesce(input.note, "none")} ${input.limit == null ? 0 : input.limit / 2}"
  }
}

workflow "other" {
  stage "starts" {
    start = workflow.assess
    input = { limit = null, note = 5 }
  }
}

#> invalid-operand
#>
#>   x `input.limit` may be null
#>     ,-[inputs-that-may-be-null.hcl:21:13]
#>  20 |   stage "one" {
#>  21 |     value = input.limit + 1
#>     :             ^^^^^^^^^^^
#>  22 |   }
#>     `----
#>   help: say what to take instead: `coalesce(input.limit, …)`, or `input.limit != null ?
#>         input.limit : …`
#>
#> invalid-operand
#>
#>   x `input.note` may be null
#>     ,-[inputs-that-may-be-null.hcl:25:21]
#>  24 |     notify  = channel.oncall
#>  25 |     message = "so ${input.note}"
#>     :                     ^^^^^^^^^^
#>  26 |   }
#>     `----
#>   help: say what to take instead: `coalesce(input.note, …)`, or `input.note != null ? input.note :
#>         …`
#>
#> wrong-type
#>
#>   x the input `note` must be an optional(string), and this is a number
#>     ,-[inputs-that-may-be-null.hcl:17:15]
#>  16 |   input "note" {
#>  17 |     type    = string
#>     :               ^^^|^^
#>     :                  `-- declared here
#>  18 |     default = null
#>     `----
#>     ,-[inputs-that-may-be-null.hcl:35:36]
#>  34 |     start = workflow.assess
#>  35 |     input = { limit = null, note = 5 }
#>     :                                    ^
#>  36 |   }
#>     `----
#>
#> 3 errors
