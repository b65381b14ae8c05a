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
  stage "behind" {
    value = stage.load == null
  }
  stage "instead" {
    value = stage.behind.value
  }
}

#> cycle
#>
#>   x stages wait for each other: load -> behind -> load
#>     ,-[handler-that-waits-for-what-comes-after.hcl:14:9]
#>  13 | workflow "assess" {
#>  14 |   stage "load" {
#>     :         ^^^|^^
#>     :            `-- `instead`, which handles its errors, waits for `behind`
#>  15 |     read     = bucket.data
#>  16 |     key      = "a.json"
#>  17 |     on_error = stage.instead
#>  18 |   }
#>  19 |   stage "behind" {
#>     :         ^^^^|^^^
#>     :             `-- `behind` reads `stage.load`
#>  20 |     value = stage.load == null
#>     `----
#>   help: take one of the references out
#>
#> 1 error
