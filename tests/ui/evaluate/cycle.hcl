project "demo" {}

locals {
  a = local.b
  b = "${local.c}!"
  c = local.a
}

#> cycle
#>
#>   x the value of `local.a` depends on itself: `local.a` -> `local.b` -> `local.c` -> `local.a`
#>    ,-[cycle.hcl:4:7]
#>  3 | locals {
#>  4 |   a = local.b
#>    :       ^^^|^^^
#>    :          `-- `local.a` refers to `local.b`
#>  5 |   b = "${local.c}!"
#>    :          ^^^|^^^
#>    :             `-- `local.b` refers to `local.c`
#>  6 |   c = local.a
#>    :       ^^^|^^^
#>    :          `-- `local.c` refers to `local.a`
#>  7 | }
#>    `----
#>   help: give one of them a value of its own
#>
#> 1 error
