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
  timeout = "1500ms"
  stage "load" {
    read    = bucket.data
    key     = "a.json"
    timeout = "400d"
  }
}

#> invalid-value
#>
#>   x `1500ms` is no timeout of a workflow or stage
#>     ,-[timeouts.hcl:14:13]
#>  13 | workflow "assess" {
#>  14 |   timeout = "1500ms"
#>     :             ^^^^^^^^
#>  15 |   stage "load" {
#>     `----
#>   help: write whole seconds, from "1s" to "365d"
#>
#> invalid-value
#>
#>   x `400d` is no timeout of a workflow or stage
#>     ,-[timeouts.hcl:18:15]
#>  17 |     key     = "a.json"
#>  18 |     timeout = "400d"
#>     :               ^^^^^^
#>  19 |   }
#>     `----
#>   help: write whole seconds, from "1s" to "365d"
#>
#> 2 errors
