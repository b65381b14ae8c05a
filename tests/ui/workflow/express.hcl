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

workflow "quick" {
  type    = "express"
  timeout = "10m"
  stage "run" {
    run     = job.report
    timeout = "1m"
  }
  stage "start" {
    start = workflow.other
  }
  stage "approve" {
    approve = channel.oncall
    message = "may I?"
    timeout = "1m"
  }
  stage "many" {
    value = item.key
    distribute {
      objects = bucket.data
    }
  }
  stage "wide" {
    for_each        = range(100)
    max_concurrency = 50
    value           = item
  }
}

workflow "waits" {
  stage "quick" {
    start = workflow.quick
  }
}

workflow "odd" {
  type = "expres"
  stage "one" {
    value = 1
  }
}

#> limit
#>
#>   x an express workflow takes five minutes at most, and this is `10m`
#>     ,-[express.hcl:34:13]
#>  32 | workflow "quick" {
#>  33 |   type    = "express"
#>     :             ^^^^|^^^^
#>     :                 `-- it is one
#>  34 |   timeout = "10m"
#>     :             ^^^^^
#>  35 |   stage "run" {
#>     `----
#>   help: write "5m" or less, or make it a standard workflow: leave `type` out
#>
#> limit
#>
#>   x an express workflow can't wait for the end of a job
#>     ,-[express.hcl:36:15]
#>  32 | workflow "quick" {
#>  33 |   type    = "express"
#>     :             ^^^^|^^^^
#>     :                 `-- it is one
#>  34 |   timeout = "10m"
#>  35 |   stage "run" {
#>  36 |     run     = job.report
#>     :               ^^^^^^^^^^
#>  37 |     timeout = "1m"
#>     `----
#>   help: make it a standard workflow: leave `type` out
#>
#> limit
#>
#>   x an express workflow can't wait for the end of another execution
#>     ,-[express.hcl:40:13]
#>  32 | workflow "quick" {
#>  33 |   type    = "express"
#>     :             ^^^^|^^^^
#>     :                 `-- it is one
#>  34 |   timeout = "10m"
#>  35 |   stage "run" {
#>  36 |     run     = job.report
#>  37 |     timeout = "1m"
#>  38 |   }
#>  39 |   stage "start" {
#>  40 |     start = workflow.other
#>     :             ^^^^^^^^^^^^^^
#>  41 |   }
#>     `----
#>   help: make it a standard workflow: leave `type` out
#>
#> limit
#>
#>   x an express workflow can't wait for the answer of a person
#>     ,-[express.hcl:33:13]
#>  32 | workflow "quick" {
#>  33 |   type    = "express"
#>     :             ^^^^|^^^^
#>     :                 `-- it is one
#>  34 |   timeout = "10m"
#>     `----
#>     ,-[express.hcl:43:15]
#>  42 |   stage "approve" {
#>  43 |     approve = channel.oncall
#>     :               ^^^^^^^^^^^^^^
#>  44 |     message = "may I?"
#>     `----
#>   help: make it a standard workflow: leave `type` out
#>
#> limit
#>
#>   x an express workflow can't start executions for elements of a bucket
#>     ,-[express.hcl:33:13]
#>  32 | workflow "quick" {
#>  33 |   type    = "express"
#>     :             ^^^^|^^^^
#>     :                 `-- it is one
#>  34 |   timeout = "10m"
#>     `----
#>     ,-[express.hcl:49:5]
#>  48 |     value = item.key
#>  49 |     distribute {
#>     :     ^^^^^^^^^^
#>  50 |       objects = bucket.data
#>     `----
#>   help: make it a standard workflow: leave `type` out
#>
#> limit
#>
#>   x an express workflow runs at most 40 elements at the same time
#>     ,-[express.hcl:33:13]
#>  32 | workflow "quick" {
#>  33 |   type    = "express"
#>     :             ^^^^|^^^^
#>     :                 `-- it is one
#>  34 |   timeout = "10m"
#>     `----
#>     ,-[express.hcl:55:23]
#>  54 |     for_each        = range(100)
#>  55 |     max_concurrency = 50
#>     :                       ^^
#>  56 |     value           = item
#>     `----
#>   help: more need executions of their own, which only a standard workflow starts
#>
#> limit
#>
#>   x the end of an express workflow can't be waited for, and `quick` is one
#>     ,-[express.hcl:33:13]
#>  32 | workflow "quick" {
#>  33 |   type    = "express"
#>     :             ^^^^|^^^^
#>     :                 `-- here
#>  34 |   timeout = "10m"
#>     `----
#>     ,-[express.hcl:62:13]
#>  61 |   stage "quick" {
#>  62 |     start = workflow.quick
#>     :             ^^^^^^^^^^^^^^
#>  63 |   }
#>     `----
#>   help: make it a standard workflow: leave its `type` out
#>
#> invalid-value
#>
#>   x `expres` is no type of a workflow; there are "standard", "express"
#>     ,-[express.hcl:67:10]
#>  66 | workflow "odd" {
#>  67 |   type = "expres"
#>     :          ^^^^^^^^
#>  68 |   stage "one" {
#>     `----
#>
#> 8 errors
