project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

channel "oncall" {
  email = "oncall@example.com"
}

workflow "assess" {
  stage "nothing" {
    timeout = "5s"
  }
  stage "two" {
    read   = bucket.data
    notify = channel.oncall
    key    = "a.json"
  }
  stage "half" {
    write = bucket.data
    key   = "a.json"
  }
  stage "more" {
    read    = bucket.data
    key     = "a.json"
    message = "hello"
  }
}

#> missing-attribute
#>
#>   x the stage `nothing` does nothing
#>     ,-[verbs.hcl:18:3]
#>  17 | workflow "assess" {
#>  18 |   stage "nothing" {
#>     :   ^^^^^^^^^^^^^^^
#>  19 |     timeout = "5s"
#>     `----
#>   help: give it one of `read`, `write`, `infer`, `call`, `run`, `start`, `notify`, `approve`,
#>         `wait`, `value`, `fail`
#>
#> invalid-value
#>
#>   x the stage `two` does two things: `read` and `notify`
#>     ,-[verbs.hcl:23:14]
#>  21 |   stage "two" {
#>  22 |     read   = bucket.data
#>     :              ^^^^^|^^^^^
#>     :                   `-- the first
#>  23 |     notify = channel.oncall
#>     :              ^^^^^^^^^^^^^^
#>  24 |     key    = "a.json"
#>     `----
#>   help: make two stages of it
#>
#> missing-attribute
#>
#>   x the stage `half` has `write` without `body`
#>     ,-[verbs.hcl:26:3]
#>  25 |   }
#>  26 |   stage "half" {
#>     :   ^^^^^^^^^^^^
#>  27 |     write = bucket.data
#>     `----
#>   help: add `body = …`
#>
#> unknown-attribute
#>
#>   x `message` means nothing in a stage with `read`
#>     ,-[verbs.hcl:33:15]
#>  32 |     key     = "a.json"
#>  33 |     message = "hello"
#>     :               ^^^^^^^
#>  34 |   }
#>     `----
#>   help: it belongs to `notify`, `approve`; remove it
#>
#> 4 errors
