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
  stage "load" {
    read     = bucket.data
    key      = "a.json"
    on_error = stage.instead
  }
  stage "instead" {
    value = "failed with ${error.nmae}"
  }
  stage "behind" {
    after = [stage.instead]
    value = error.name
  }
  output = error.cause
}

#> undefined-reference
#>
#>   x `error` has no field `nmae`
#>     ,-[error-outside-of-a-handler.hcl:20:34]
#>  19 |   stage "instead" {
#>  20 |     value = "failed with ${error.nmae}"
#>     :                                  ^^^^
#>  21 |   }
#>     `----
#>   help: did you mean `name`?
#>
#> undefined-reference
#>
#>   x `error` exists only in a stage that handles the errors of another
#>     ,-[error-outside-of-a-handler.hcl:24:13]
#>  23 |     after = [stage.instead]
#>  24 |     value = error.name
#>     :             ^^^^^
#>  25 |   }
#>  26 |   output = error.cause
#>     :            ^^|^^
#>     :              `-- and here
#>  27 | }
#>     `----
#>   help: a stage is one when another says so: `on_error = stage.NAME`
#>
#> 2 errors
