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
    value = stage.load.body
  }
  stage "behind" {
    value = stage.load != null ? stage.load.body : stage.instead.value
  }
}

#> invalid-operand
#>
#>   x the stage `load` has failed when this runs, and has no outputs
#>     ,-[handler-that-reads-what-failed.hcl:20:13]
#>  19 |   stage "instead" {
#>  20 |     value = stage.load.body
#>     :             ^^^^^^^^^^
#>  21 |   }
#>     `----
#>   help: `error.name` and `error.cause` say what it failed with
#>
#> invalid-operand
#>
#>   x the stage `instead` may not have run, and then has no outputs
#>     ,-[handler-that-reads-what-failed.hcl:23:58]
#>  16 |     key      = "a.json"
#>  17 |     on_error = stage.instead
#>     :                      ^^^|^^^
#>     :                         `-- it runs only when this stage fails
#>  18 |   }
#>  19 |   stage "instead" {
#>  20 |     value = stage.load.body
#>  21 |   }
#>  22 |   stage "behind" {
#>  23 |     value = stage.load != null ? stage.load.body : stage.instead.value
#>     :                                                          ^^^^^^^
#>  24 |   }
#>     `----
#>   help: ask first: `stage.instead != null ? stage.instead… : …`, or with `when = stage.instead !=
#>         null` in the stage that reads it
#>
#> 2 errors
