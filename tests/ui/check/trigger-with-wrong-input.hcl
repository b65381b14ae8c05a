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
  input "application_id" {
    type    = string
    default = 5
  }
  trigger {
    schedule = "rate(1 hour)"
    input    = { application_id = 7, aplication = "x" }
  }
  stage "load" {
    read = bucket.data
    key  = input.application_id
  }
}

#> wrong-type
#>
#>   x the input `application_id` must be a string, and this is a number
#>     ,-[trigger-with-wrong-input.hcl:16:15]
#>  14 |   input "application_id" {
#>  15 |     type    = string
#>     :               ^^^|^^
#>     :                  `-- declared here
#>  16 |     default = 5
#>     :               ^
#>  17 |   }
#>     `----
#>
#> wrong-type
#>
#>   x the input `application_id` must be a string, and this is a number
#>     ,-[trigger-with-wrong-input.hcl:20:35]
#>  14 |   input "application_id" {
#>  15 |     type    = string
#>     :               ^^^|^^
#>     :                  `-- declared here
#>  16 |     default = 5
#>  17 |   }
#>  18 |   trigger {
#>  19 |     schedule = "rate(1 hour)"
#>  20 |     input    = { application_id = 7, aplication = "x" }
#>     :                                   ^
#>  21 |   }
#>     `----
#>
#> undefined-reference
#>
#>   x the workflow `assess` has no input `aplication`
#>     ,-[trigger-with-wrong-input.hcl:20:38]
#>  19 |     schedule = "rate(1 hour)"
#>  20 |     input    = { application_id = 7, aplication = "x" }
#>     :                                      ^^^^^^^^^^
#>  21 |   }
#>     `----
#>   help: did you mean `application_id`?
#>
#> 3 errors
