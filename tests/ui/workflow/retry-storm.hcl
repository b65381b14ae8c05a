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
  timeout = "10m"
  stage "load" {
    read    = bucket.data
    key     = "a.json"
    timeout = "1m"
    retry {
      attempts    = 5
      backoff     = "30s"
      max_backoff = "2m"
    }
  }
  stage "report" {
    write   = bucket.data
    key     = "b.json"
    body    = stage.load.body
    timeout = "2h"
  }
}

#> retry-storm
#>
#>   ! the stage `load` may go on trying for 13m 30s, and the whole workflow may take `10m`
#>     ,-[retry-storm.hcl:19:5]
#>  13 | workflow "assess" {
#>  14 |   timeout = "10m"
#>     :             ^^|^^
#>     :               `-- the workflow's timeout
#>  15 |   stage "load" {
#>  16 |     read    = bucket.data
#>  17 |     key     = "a.json"
#>  18 |     timeout = "1m"
#>  19 |     retry {
#>     :     ^^|^^
#>     :       `-- 6 attempts of `1m`, and 7m 30s between them
#>  20 |       attempts    = 5
#>     `----
#>   help: make fewer attempts, shorten their timeout, or give the workflow a longer one
#>
#> retry-storm
#>
#>   ! the stage `report` may take `2h`, and the whole workflow `10m`
#>     ,-[retry-storm.hcl:14:13]
#>  13 | workflow "assess" {
#>  14 |   timeout = "10m"
#>     :             ^^|^^
#>     :               `-- the workflow's timeout
#>  15 |   stage "load" {
#>     `----
#>     ,-[retry-storm.hcl:29:15]
#>  28 |     body    = stage.load.body
#>  29 |     timeout = "2h"
#>     :               ^^^^
#>  30 |   }
#>     `----
#>   help: shorten it, or give the workflow a longer `timeout`
#>
#> 2 warnings
