project "demo" {}

locals {
  list   = [1, 2]
  object = { min = 1, max = 3 }
  a      = local.list[2]
  b      = local.object.mim
  c      = local.list.first
  d      = local.object["max "]
}

#> invalid-operand
#>
#>   x the list has no element `[2]`
#>    ,-[index.hcl:6:23]
#>  5 |   object = { min = 1, max = 3 }
#>  6 |   a      = local.list[2]
#>    :                       ^
#>  7 |   b      = local.object.mim
#>    `----
#>   help: the list has 2 elements, `[0]` to `[1]`
#>
#> unknown-attribute
#>
#>   x the object has no attribute `mim`
#>    ,-[index.hcl:7:25]
#>  4 |   list   = [1, 2]
#>  5 |   object = { min = 1, max = 3 }
#>    :            ^^^^^^^^^^|^^^^^^^^^
#>    :                      `-- it has `min`, `max`
#>  6 |   a      = local.list[2]
#>  7 |   b      = local.object.mim
#>    :                         ^^^
#>  8 |   c      = local.list.first
#>    `----
#>   help: did you mean `min`?
#>
#> invalid-operand
#>
#>   x a list has no attribute `first`
#>    ,-[index.hcl:8:23]
#>  7 |   b      = local.object.mim
#>  8 |   c      = local.list.first
#>    :                       ^^^^^
#>  9 |   d      = local.object["max "]
#>    `----
#>   help: take it of every element with `[*].first`, or of one with `[0].first`
#>
#> unknown-attribute
#>
#>   x the object has no attribute `max `
#>     ,-[index.hcl:9:25]
#>   4 |   list   = [1, 2]
#>   5 |   object = { min = 1, max = 3 }
#>     :            ^^^^^^^^^^|^^^^^^^^^
#>     :                      `-- it has `min`, `max`
#>   6 |   a      = local.list[2]
#>   7 |   b      = local.object.mim
#>   8 |   c      = local.list.first
#>   9 |   d      = local.object["max "]
#>     :                         ^^^^^^
#>  10 | }
#>     `----
#>   help: did you mean `max`?
#>
#> 4 errors
