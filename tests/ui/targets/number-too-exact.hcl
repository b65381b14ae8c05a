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
  stage "save" {
    write = bucket.data
    key   = "a.json"
    body  = { id = 9007199254740993 }
  }
}

#> unsupported-expression
#>
#>   x `9007199254740993` is beyond what JSONata can hold exactly
#>     ,-[number-too-exact.hcl:17:20]
#>  16 |     key   = "a.json"
#>  17 |     body  = { id = 9007199254740993 }
#>     :                    ^^^^^^^^^^^^^^^^
#>  18 |   }
#>     `----
#>   help: write it as a string, or keep it within 2^53
#>
#> 1 error
