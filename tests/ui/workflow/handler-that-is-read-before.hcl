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
  stage "prepare" {
    value = stage.instead == null
  }
  stage "load" {
    when     = stage.prepare.value
    read     = bucket.data
    key      = "a.json"
    on_error = stage.instead
  }
  stage "instead" {
    value = 0
  }
}

#> cycle
#>
#>   x stages wait for each other: prepare -> instead -> load -> prepare
#>     ,-[handler-that-is-read-before.hcl:14:9]
#>  13 | workflow "assess" {
#>  14 |   stage "prepare" {
#>     :         ^^^^|^^^^
#>     :             `-- `prepare` reads `stage.instead`
#>  15 |     value = stage.instead == null
#>  16 |   }
#>  17 |   stage "load" {
#>     :         ^^^|^^
#>     :            `-- `load` reads `stage.prepare`
#>  18 |     when     = stage.prepare.value
#>  19 |     read     = bucket.data
#>  20 |     key      = "a.json"
#>  21 |     on_error = stage.instead
#>  22 |   }
#>  23 |   stage "instead" {
#>     :         ^^^^|^^^^
#>     :             `-- `instead` runs when `load` fails
#>  24 |     value = 0
#>     `----
#>   help: take one of the references out
#>
#> 1 error
