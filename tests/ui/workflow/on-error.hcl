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
  stage "a" {
    read     = bucket.data
    key      = "a.json"
    on_error = "contine"
  }
}

workflow "other" {
  stage "b" {
    read     = bucket.data
    key      = "a.json"
    on_error = stage.nothing
  }
  stage "c" {
    value    = 1
    on_error = "continue"
  }
  stage "d" {
    fail     = "no"
    on_error = "continue"
  }
}

#> invalid-value
#>
#>   x `contine` is neither a stage nor "continue"; write `stage.NAME` without quotes
#>     ,-[on-error.hcl:17:16]
#>  16 |     key      = "a.json"
#>  17 |     on_error = "contine"
#>     :                ^^^^^^^^^
#>  18 |   }
#>     `----
#>
#> undefined-reference
#>
#>   x the workflow `other` has no stage `nothing`
#>     ,-[on-error.hcl:25:22]
#>  24 |     key      = "a.json"
#>  25 |     on_error = stage.nothing
#>     :                      ^^^^^^^
#>  26 |   }
#>     `----
#>   help: there are `b`, `c`, `d`
#>
#> unknown-attribute
#>
#>   x `on_error` means nothing in a stage with `value`
#>     ,-[on-error.hcl:29:16]
#>  28 |     value    = 1
#>  29 |     on_error = "continue"
#>     :                ^^^^^^^^^^
#>  30 |   }
#>     `----
#>   help: nothing that it does can fail for a reason that passes; remove it
#>
#> unknown-attribute
#>
#>   x `on_error` means nothing in a stage with `fail`
#>     ,-[on-error.hcl:33:16]
#>  32 |     fail     = "no"
#>  33 |     on_error = "continue"
#>     :                ^^^^^^^^^^
#>  34 |   }
#>     `----
#>   help: it ends the execution, which is what it is for; remove it
#>
#> 4 errors
