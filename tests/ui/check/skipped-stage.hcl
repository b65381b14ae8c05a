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
  input "n" {
    type = number
  }
  stage "load" {
    when = input.n > 1
    read = bucket.data
    key  = "a.json"
  }
  output = stage.load.body
}

#> invalid-operand
#>
#>   x the stage `load` may have been skipped, and then has no outputs
#>     ,-[skipped-stage.hcl:22:18]
#>  17 |   stage "load" {
#>  18 |     when = input.n > 1
#>     :            ^^^^^|^^^^^
#>     :                 `-- it is skipped unless this is true
#>  19 |     read = bucket.data
#>  20 |     key  = "a.json"
#>  21 |   }
#>  22 |   output = stage.load.body
#>     :                  ^^^^
#>  23 | }
#>     `----
#>   help: ask first: `stage.load != null ? stage.load… : …`, or with `when = stage.load != null` in
#>         the stage that reads it
#>
#> 1 error
