project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

channel "oncall" {
  email = "oncall@example.com"
}

locals {
  object = { a = 1 }
  none   = try(local.object.b, local.object.c[0])
  static = try(local.nope, nofunction(1), "default")
  other  = try(local.fails, "default")
  fails  = local.object.d
  spread = try(["a"]...)
  empty  = can()
}

workflow "assess" {
  input "id" {
    type = string
  }
  stage "tell" {
    notify  = channel.oncall
    message = try(input.id, "none")
  }
}

#> invalid-operand
#>
#>   x no argument of `try` has a value
#>     ,-[attempts.hcl:15:12]
#>  14 |   object = { a = 1 }
#>  15 |   none   = try(local.object.b, local.object.c[0])
#>     :            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^||
#>     :                               |                  |`-- the object has no attribute `c`
#>     :                               |                  `-- the object has no attribute `b`
#>  16 |   static = try(local.nope, nofunction(1), "default")
#>     `----
#>   help: add a last argument that always has one, such as `null`
#>
#> undefined-reference
#>
#>   x there is no local value `nope`
#>     ,-[attempts.hcl:16:22]
#>  15 |   none   = try(local.object.b, local.object.c[0])
#>  16 |   static = try(local.nope, nofunction(1), "default")
#>     :                      ^^^^
#>  17 |   other  = try(local.fails, "default")
#>     `----
#>   help: did you mean `none`?
#>
#> unknown-attribute
#>
#>   x the object has no attribute `d`
#>     ,-[attempts.hcl:18:25]
#>  13 | locals {
#>  14 |   object = { a = 1 }
#>     :            ^^^^|^^^^
#>     :                `-- it has `a`
#>  15 |   none   = try(local.object.b, local.object.c[0])
#>  16 |   static = try(local.nope, nofunction(1), "default")
#>  17 |   other  = try(local.fails, "default")
#>  18 |   fails  = local.object.d
#>     :                         ^
#>  19 |   spread = try(["a"]...)
#>     `----
#>   help: it has `a`
#>
#> invalid-operand
#>
#>   x `try` takes expressions one by one, not a list with `...`
#>     ,-[attempts.hcl:19:12]
#>  18 |   fails  = local.object.d
#>  19 |   spread = try(["a"]...)
#>     :            ^^^^^^^^^^^^^
#>  20 |   empty  = can()
#>     `----
#>
#> invalid-operand
#>
#>   x `can` takes 1 argument, found 0
#>     ,-[attempts.hcl:20:12]
#>  19 |   spread = try(["a"]...)
#>  20 |   empty  = can()
#>     :            ^^^^^
#>  21 | }
#>     `----
#>   help: it is called as `can(expression)`
#>
#> known-later
#>
#>   x what `try` tries must be known when compiling
#>     ,-[attempts.hcl:29:19]
#>  28 |     notify  = channel.oncall
#>  29 |     message = try(input.id, "none")
#>     :                   ^^^^|^^^
#>     :                       `-- known only when the workflow runs, or in the monitoring system
#>  30 |   }
#>     `----
#>
#> 6 errors
