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
    on_error = stage.b
  }
  stage "b" {
    read     = bucket.data
    key      = "b.json"
    on_error = stage.a
  }
}

#> cycle
#>
#>   x stages handle each other's errors: a -> b -> a
#>     ,-[handlers-of-each-other.hcl:22:22]
#>  21 |     key      = "b.json"
#>  22 |     on_error = stage.a
#>     :                      ^
#>  23 |   }
#>     `----
#>   help: each runs only when the other has failed, so none would begin; take one `on_error` out
#>
#> 1 error
