project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

job "report" {
  image       = "registry.example.com/report:2.1"
  environment = { LEVEL = "info" }
  resources {
    cpu    = "500m"
    memory = "512Mi"
  }
}

job "loose" {
  image       = "registry.example.com/loose"
  environment = { "1ST" = "a" }
  resources {
    cpu    = "500m"
    memory = "512Mi"
  }
}

workflow "assess" {
  input "count" {
    type = number
  }
  stage "run" {
    run         = job.report
    arguments   = ["--count", input.count]
    environment = { LEVEL = "debug", "a-b" = "c", COUNT = input.count }
    timeout     = "10m"
  }
}

#> invalid-value
#>
#>   x the image `registry.example.com/loose` has neither a tag nor a digest
#>     ,-[jobs.hcl:19:17]
#>  18 | job "loose" {
#>  19 |   image       = "registry.example.com/loose"
#>     :                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  20 |   environment = { "1ST" = "a" }
#>     `----
#>   help: say which one is meant, as in `…:2.1`: without, each run may get another
#>
#> invalid-value
#>
#>   x `1ST` is no name of an environment variable
#>     ,-[jobs.hcl:20:19]
#>  19 |   image       = "registry.example.com/loose"
#>  20 |   environment = { "1ST" = "a" }
#>     :                   ^^^^^
#>  21 |   resources {
#>     `----
#>   help: use letters, digits and `_`, and don't begin with a digit
#>
#> duplicate-name
#>
#>   x the job `report` sets `LEVEL` already
#>     ,-[jobs.hcl:11:19]
#>  10 |   image       = "registry.example.com/report:2.1"
#>  11 |   environment = { LEVEL = "info" }
#>     :                   ^^|^^
#>     :                     `-- given here first
#>  12 |   resources {
#>     `----
#>     ,-[jobs.hcl:34:21]
#>  33 |     arguments   = ["--count", input.count]
#>  34 |     environment = { LEVEL = "debug", "a-b" = "c", COUNT = input.count }
#>     :                     ^^^^^
#>  35 |     timeout     = "10m"
#>     `----
#>   help: keep one of them
#>
#> invalid-value
#>
#>   x `a-b` is no name of an environment variable
#>     ,-[jobs.hcl:34:38]
#>  33 |     arguments   = ["--count", input.count]
#>  34 |     environment = { LEVEL = "debug", "a-b" = "c", COUNT = input.count }
#>     :                                      ^^^^^
#>  35 |     timeout     = "10m"
#>     `----
#>   help: use letters, digits and `_`, and don't begin with a digit
#>
#> wrong-type
#>
#>   x `COUNT` must be a string, and this is a number
#>     ,-[jobs.hcl:34:59]
#>  33 |     arguments   = ["--count", input.count]
#>  34 |     environment = { LEVEL = "debug", "a-b" = "c", COUNT = input.count }
#>     :                                                           ^^^^^^^^^^^
#>  35 |     timeout     = "10m"
#>     `----
#>   help: put it in a template: `"${…}"`
#>
#> 5 errors
