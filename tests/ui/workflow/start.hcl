project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "inner" {
  input "id" {
    type = string
  }
  input "count" {
    type    = number
    default = 1
  }
  stage "one" {
    value = input.count
  }
  output = { id = input.id, twice = stage.one.value * 2 }
}

workflow "outer" {
  stage "a" {
    start = workflow.inner
    input = { id = 5 }
  }
  stage "b" {
    start = workflow.inner
    input = { ident = "x", count = "many" }
  }
  stage "c" {
    start = workflow.inner
  }
  output = {
    a = stage.a.output.twise
    b = "${stage.b.output.twice + 1}"
    c = stage.c.output.id + 1
  }
}

#> wrong-type
#>
#>   x the input `id` must be a string, and this is a number
#>     ,-[start.hcl:11:12]
#>  10 |   input "id" {
#>  11 |     type = string
#>     :            ^^^|^^
#>     :               `-- declared here
#>  12 |   }
#>     `----
#>     ,-[start.hcl:26:20]
#>  25 |     start = workflow.inner
#>  26 |     input = { id = 5 }
#>     :                    ^
#>  27 |   }
#>     `----
#>
#> missing-attribute
#>
#>   x this starts `inner` without its input `id`
#>     ,-[start.hcl:10:3]
#>   9 | workflow "inner" {
#>  10 |   input "id" {
#>     :   ^^^^^|^^^^
#>     :        `-- declared here, without a default
#>  11 |     type = string
#>     `----
#>     ,-[start.hcl:30:13]
#>  29 |     start = workflow.inner
#>  30 |     input = { ident = "x", count = "many" }
#>     :             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  31 |   }
#>     `----
#>   help: add `input = { id = … }` here, or a `default` there
#>
#> undefined-reference
#>
#>   x the workflow `inner` has no input `ident`
#>     ,-[start.hcl:30:15]
#>  29 |     start = workflow.inner
#>  30 |     input = { ident = "x", count = "many" }
#>     :               ^^^^^
#>  31 |   }
#>     `----
#>   help: its inputs are `id`, `count`
#>
#> wrong-type
#>
#>   x the input `count` must be a number, and this is a string
#>     ,-[start.hcl:14:15]
#>  13 |   input "count" {
#>  14 |     type    = number
#>     :               ^^^|^^
#>     :                  `-- declared here
#>  15 |     default = 1
#>     `----
#>     ,-[start.hcl:30:36]
#>  29 |     start = workflow.inner
#>  30 |     input = { ident = "x", count = "many" }
#>     :                                    ^^^^^^
#>  31 |   }
#>     `----
#>
#> missing-attribute
#>
#>   x this starts `inner` without its input `id`
#>     ,-[start.hcl:10:3]
#>   9 | workflow "inner" {
#>  10 |   input "id" {
#>     :   ^^^^^|^^^^
#>     :        `-- declared here, without a default
#>  11 |     type = string
#>     `----
#>     ,-[start.hcl:33:13]
#>  32 |   stage "c" {
#>  33 |     start = workflow.inner
#>     :             ^^^^^^^^^^^^^^
#>  34 |   }
#>     `----
#>   help: add `input = { id = … }` here, or a `default` there
#>
#> undefined-reference
#>
#>   x `stage.a.output` has no field `twise`
#>     ,-[start.hcl:36:24]
#>  35 |   output = {
#>  36 |     a = stage.a.output.twise
#>     :                        ^^^^^
#>  37 |     b = "${stage.b.output.twice + 1}"
#>     `----
#>   help: did you mean `twice`?
#>
#> invalid-operand
#>
#>   x `+` takes a number, and this is a string
#>     ,-[start.hcl:38:9]
#>  37 |     b = "${stage.b.output.twice + 1}"
#>  38 |     c = stage.c.output.id + 1
#>     :         ^^^^^^^^^^^^^^^^^
#>  39 |   }
#>     `----
#>   help: convert it: `tonumber(…)`
#>
#> 7 errors
