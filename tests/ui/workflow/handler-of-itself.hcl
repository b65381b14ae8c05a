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
    on_error = stage.load
  }
}

#> cycle
#>
#>   x the stage `load` can't handle its own error
#>     ,-[handler-of-itself.hcl:17:22]
#>  16 |     key      = "a.json"
#>  17 |     on_error = stage.load
#>     :                      ^^^^
#>  18 |   }
#>     `----
#>   help: to try it again, give it a `retry` block; to go on without it, write `on_error =
#>         "continue"`
#>
#> 1 error
