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
    key  = stage.a.body.key
  }
}

#> cycle
#>
#>   x the stage `a` waits for itself
#>     ,-[stage-that-reads-itself.hcl:14:9]
#>  13 | workflow "assess" {
#>  14 |   stage "a" {
#>     :         ^|^
#>     :          `-- `a` reads `stage.a`
#>  15 |     read = bucket.data
#>     `----
#>   help: take one of the references out
#>
#> 1 error
