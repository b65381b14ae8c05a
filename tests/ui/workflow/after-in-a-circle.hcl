project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "assess" {
  stage "one" {
    after = [stage.three]
    value = 1
  }
  stage "two" {
    value = stage.one.value + 1
  }
  stage "three" {
    after = [stage.two]
    value = 3
  }
}

#> cycle
#>
#>   x stages wait for each other: one -> three -> two -> one
#>     ,-[after-in-a-circle.hcl:10:9]
#>   9 | workflow "assess" {
#>  10 |   stage "one" {
#>     :         ^^|^^
#>     :           `-- `one` comes after `three`
#>  11 |     after = [stage.three]
#>  12 |     value = 1
#>  13 |   }
#>  14 |   stage "two" {
#>     :         ^^|^^
#>     :           `-- `two` reads `stage.one`
#>  15 |     value = stage.one.value + 1
#>  16 |   }
#>  17 |   stage "three" {
#>     :         ^^^|^^^
#>     :            `-- `three` comes after `two`
#>  18 |     after = [stage.two]
#>     `----
#>   help: take one of the references out
#>
#> 1 error
