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
    when = "a" == "b"
    read = bucket.data
    key  = "a.json"
  }
}

#> stage-off
#>
#>   ! the stage `load` never runs: its `when` is false, whatever happens
#>     ,-[never.hcl:15:12]
#>  14 |   stage "load" {
#>  15 |     when = "a" == "b"
#>     :            ^^^^^^^^^^
#>  16 |     read = bucket.data
#>     `----
#>   help: write a condition about `input` or another stage, or take the stage out
#>
#> 1 warning
