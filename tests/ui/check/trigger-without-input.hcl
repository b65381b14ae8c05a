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
  input "application_id" {
    type = string
  }
  trigger { schedule = "rate(1 hour)" }
  stage "load" {
    read = bucket.data
    key  = input.application_id
  }
}

#> missing-attribute
#>
#>   x this starts `assess` without its input `application_id`
#>     ,-[trigger-without-input.hcl:17:3]
#>  13 | workflow "assess" {
#>  14 |   input "application_id" {
#>     :   ^^^^^^^^^^^|^^^^^^^^^^
#>     :              `-- declared here, without a default
#>  15 |     type = string
#>  16 |   }
#>  17 |   trigger { schedule = "rate(1 hour)" }
#>     :   ^^^^^^^
#>  18 |   stage "load" {
#>     `----
#>   help: add `input = { application_id = … }` here, or a `default` there
#>
#> 1 error
