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

function "enrich" {
  lambda  = "enrich:live"
  returns = object({ score = number, reason = optional(string) })
}

job "report" {
  image       = "registry.example.com/report:2.1"
  environment = { LEVEL = "info" }
  resources {
    cpu    = "500m"
    memory = "512Mi"
  }
}

workflow "other" {
  stage "one" {
    value = 1
  }
}

workflow "assess" {
  stage "run" {
    run = job.report
  }
  stage "approve" {
    approve = channel.oncall
  }
  stage "call" {
    call    = function.enrich
    body    = 1
    timeout = "5s"
  }
  stage "start" {
    start   = workflow.other
    payload = 1
  }
  stage "wait" {
    wait    = "5m"
    timeout = "10m"
  }
  stage "value" {
    value = 1
    error = "Nothing"
    retry {
      attempts = 2
    }
  }
  stage "write" {
    write   = bucket.data
    key     = "a.json"
    body    = 1
    returns = string
  }
}

#> missing-attribute
#>
#>   x the stage `run` has `run` without `timeout`
#>     ,-[verbs-and-attributes.hcl:38:3]
#>  37 | workflow "assess" {
#>  38 |   stage "run" {
#>     :   ^^^^^^^^^^^
#>  39 |     run = job.report
#>     `----
#>   help: say how long the job may take: `timeout = "1h"`
#>
#> missing-attribute
#>
#>   x the stage `approve` has `approve` without `message`
#>     ,-[verbs-and-attributes.hcl:41:3]
#>  40 |   }
#>  41 |   stage "approve" {
#>     :   ^^^^^^^^^^^^^^^
#>  42 |     approve = channel.oncall
#>     `----
#>   help: add `message = …`
#>
#> missing-attribute
#>
#>   x the stage `approve` has `approve` without `timeout`
#>     ,-[verbs-and-attributes.hcl:41:3]
#>  40 |   }
#>  41 |   stage "approve" {
#>     :   ^^^^^^^^^^^^^^^
#>  42 |     approve = channel.oncall
#>     `----
#>   help: say how long the answer may take: `timeout = "2d"`
#>
#> unknown-attribute
#>
#>   x `body` means nothing in a stage with `call`
#>     ,-[verbs-and-attributes.hcl:46:15]
#>  45 |     call    = function.enrich
#>  46 |     body    = 1
#>     :               ^
#>  47 |     timeout = "5s"
#>     `----
#>   help: it belongs to `write`; remove it
#>
#> unknown-attribute
#>
#>   x `payload` means nothing in a stage with `start`
#>     ,-[verbs-and-attributes.hcl:51:15]
#>  50 |     start   = workflow.other
#>  51 |     payload = 1
#>     :               ^
#>  52 |   }
#>     `----
#>   help: it belongs to `call`; remove it
#>
#> unknown-attribute
#>
#>   x `timeout` means nothing in a stage with `wait`
#>     ,-[verbs-and-attributes.hcl:55:15]
#>  54 |     wait    = "5m"
#>  55 |     timeout = "10m"
#>     :               ^^^^^
#>  56 |   }
#>     `----
#>   help: `wait` itself says how long; remove it
#>
#> unknown-attribute
#>
#>   x `error` means nothing in a stage with `value`
#>     ,-[verbs-and-attributes.hcl:59:13]
#>  58 |     value = 1
#>  59 |     error = "Nothing"
#>     :             ^^^^^^^^^
#>  60 |     retry {
#>     `----
#>   help: it belongs to `fail`; remove it
#>
#> unknown-attribute
#>
#>   x `retry` means nothing in a stage with `value`
#>     ,-[verbs-and-attributes.hcl:60:5]
#>  59 |     error = "Nothing"
#>  60 |     retry {
#>     :     ^^^^^
#>  61 |       attempts = 2
#>     `----
#>   help: it would fail again in the same way; remove it
#>
#> unknown-attribute
#>
#>   x `returns` means nothing in a stage with `write`
#>     ,-[verbs-and-attributes.hcl:68:15]
#>  67 |     body    = 1
#>  68 |     returns = string
#>     :               ^^^^^^
#>  69 |   }
#>     `----
#>   help: it belongs to `read`, `call`, `start`; remove it
#>
#> 9 errors
