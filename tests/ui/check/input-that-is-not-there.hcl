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
  stage "load" {
    read = bucket.data
    key  = "${input.aplication_id}.json"
  }
}

#> undefined-reference
#>
#>   x `input` has no field `aplication_id`
#>     ,-[input-that-is-not-there.hcl:19:21]
#>  18 |     read = bucket.data
#>  19 |     key  = "${input.aplication_id}.json"
#>     :                     ^^^^^^^^^^^^^
#>  20 |   }
#>     `----
#>   help: did you mean `application_id`?
#>
#> 1 error
