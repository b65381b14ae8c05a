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
    read = bucket.data
    key  = stage.b.body.key
  }
  stage "b" {
    read = bucket.data
    key  = stage.c.body.key
  }
  stage "c" {
    read = bucket.data
    key  = stage.a.body.key
  }
}

#> cycle
#>
#>   x stages wait for each other: a -> b -> c -> a
#>     ,-[stages-in-a-circle.hcl:14:9]
#>  13 | workflow "assess" {
#>  14 |   stage "a" {
#>     :         ^|^
#>     :          `-- `a` reads `stage.b`
#>  15 |     read = bucket.data
#>  16 |     key  = stage.b.body.key
#>  17 |   }
#>  18 |   stage "b" {
#>     :         ^|^
#>     :          `-- `b` reads `stage.c`
#>  19 |     read = bucket.data
#>  20 |     key  = stage.c.body.key
#>  21 |   }
#>  22 |   stage "c" {
#>     :         ^|^
#>     :          `-- `c` reads `stage.a`
#>  23 |     read = bucket.data
#>     `----
#>   help: take one of the references out
#>
#> 1 error
