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
    on_error = stage.instead
  }
  stage "b" {
    read     = bucket.data
    key      = "b.json"
    on_error = stage.instead
  }
  stage "instead" {
    value = 0
  }
}

#> invalid-value
#>
#>   x `instead` handles the errors of `a` already
#>     ,-[handler-of-two.hcl:22:22]
#>  16 |     key      = "a.json"
#>  17 |     on_error = stage.instead
#>     :                      ^^^|^^^
#>     :                         `-- the first
#>  18 |   }
#>  19 |   stage "b" {
#>  20 |     read     = bucket.data
#>  21 |     key      = "b.json"
#>  22 |     on_error = stage.instead
#>     :                      ^^^^^^^
#>  23 |   }
#>     `----
#>   help: a stage handles the errors of one; write another with another name
#>
#> 1 error
