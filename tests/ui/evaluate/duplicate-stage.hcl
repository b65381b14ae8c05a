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
    read = bucket.data
    key  = "a.json"
  }

  stage "load" {
    read = bucket.data
    key  = "a.json"
  }
}

#> duplicate-name
#>
#>   x `stage "load"` is declared twice
#>     ,-[duplicate-stage.hcl:19:3]
#>  13 | workflow "assess" {
#>  14 |   stage "load" {
#>     :   ^^^^^^|^^^^^
#>     :         `-- declared here first
#>  15 |     read = bucket.data
#>  16 |     key  = "a.json"
#>  17 |   }
#>  18 |
#>  19 |   stage "load" {
#>     :   ^^^^^^^^^^^^
#>  20 |     read = bucket.data
#>     `----
#>   help: rename one of them, or merge the two
#>
#> 1 error
