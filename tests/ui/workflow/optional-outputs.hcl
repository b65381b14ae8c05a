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
  input "deep" {
    type = bool
  }
  stage "load" {
    when = input.deep
    read = bucket.data
    key  = "a.json"
  }
  stage "try" {
    read     = bucket.data
    key      = "b.json"
    on_error = "continue"
  }
  stage "guarded" {
    when  = stage.load != null && stage.load.body.ok
    value = stage.load.body
  }
  stage "bare" {
    value = stage.load.body
  }
  stage "either" {
    value = stage.load == null || stage.try.body
  }
  stage "both" {
    value = stage.load == null || stage.try == null ? 0 : stage.load.body.n + stage.try.body.n
  }
  stage "wrong_way" {
    value = stage.load == null ? stage.load.body : 0
  }
  stage "always" {
    value = stage.bare != null
  }
  output = { guarded = stage.guarded, n = stage.guarded.value + 1 }
}

#> invalid-operand
#>
#>   x the stage `load` may have been skipped, and then has no outputs
#>     ,-[optional-outputs.hcl:18:12]
#>  17 |   stage "load" {
#>  18 |     when = input.deep
#>     :            ^^^^^|^^^^
#>     :                 `-- it is skipped unless this is true
#>  19 |     read = bucket.data
#>     `----
#>     ,-[optional-outputs.hcl:32:19]
#>  31 |   stage "bare" {
#>  32 |     value = stage.load.body
#>     :                   ^^^^
#>  33 |   }
#>     `----
#>   help: ask first: `stage.load != null ? stage.load… : …`, or with `when = stage.load != null` in
#>         the stage that reads it
#>
#> invalid-operand
#>
#>   x the stage `try` may have failed, and then has no outputs
#>     ,-[optional-outputs.hcl:25:16]
#>  24 |     key      = "b.json"
#>  25 |     on_error = "continue"
#>     :                ^^^^^|^^^^
#>     :                     `-- the execution goes on when it fails
#>  26 |   }
#>     `----
#>     ,-[optional-outputs.hcl:35:41]
#>  34 |   stage "either" {
#>  35 |     value = stage.load == null || stage.try.body
#>     :                                         ^^^
#>  36 |   }
#>     `----
#>   help: ask first: `stage.try != null ? stage.try… : …`, or with `when = stage.try != null` in the
#>         stage that reads it
#>
#> invalid-operand
#>
#>   x the stage `load` may have been skipped, and then has no outputs
#>     ,-[optional-outputs.hcl:18:12]
#>  17 |   stage "load" {
#>  18 |     when = input.deep
#>     :            ^^^^^|^^^^
#>     :                 `-- it is skipped unless this is true
#>  19 |     read = bucket.data
#>     `----
#>     ,-[optional-outputs.hcl:41:40]
#>  40 |   stage "wrong_way" {
#>  41 |     value = stage.load == null ? stage.load.body : 0
#>     :                                        ^^^^
#>  42 |   }
#>     `----
#>   help: ask first: `stage.load != null ? stage.load… : …`, or with `when = stage.load != null` in
#>         the stage that reads it
#>
#> invalid-operand
#>
#>   x `stage.bare` is never null, so this is always true
#>     ,-[optional-outputs.hcl:44:13]
#>  43 |   stage "always" {
#>  44 |     value = stage.bare != null
#>     :             ^^^^^^^^^^^^^^^^^^
#>  45 |   }
#>     `----
#>   help: leave the comparison out
#>
#> invalid-operand
#>
#>   x the stage `guarded` may have been skipped, and then has no outputs
#>     ,-[optional-outputs.hcl:28:13]
#>  27 |   stage "guarded" {
#>  28 |     when  = stage.load != null && stage.load.body.ok
#>     :             ^^^^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^^^^
#>     :                                 `-- it is skipped unless this is true
#>  29 |     value = stage.load.body
#>     `----
#>     ,-[optional-outputs.hcl:46:49]
#>  45 |   }
#>  46 |   output = { guarded = stage.guarded, n = stage.guarded.value + 1 }
#>     :                                                 ^^^^^^^
#>  47 | }
#>     `----
#>   help: ask first: `stage.guarded != null ? stage.guarded… : …`, or with `when = stage.guarded !=
#>         null` in the stage that reads it
#>
#> 5 errors
