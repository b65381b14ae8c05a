project "p" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "data"
}

workflow "w" {
  stage "load" {
    read = bucket.data
    key  = ""
  }
}

#> invalid-value
#>
#>   x a key of 0 bytes names no object
#>     ,-[empty-key.hcl:16:12]
#>  15 |     read = bucket.data
#>  16 |     key  = ""
#>     :            ^^
#>  17 |   }
#>     `----
#>   help: write 1 to 1024 bytes
#>
#> 1 error
