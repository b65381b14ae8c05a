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

  output = stage.laod.body
}

#> undefined-reference
#>
#>   x the workflow `assess` has no stage `laod`
#>     ,-[stage-that-is-not-there.hcl:19:18]
#>  18 |
#>  19 |   output = stage.laod.body
#>     :                  ^^^^
#>  20 | }
#>     `----
#>   help: did you mean `load`?
#>
#> 1 error
