project "demo" {}

locals {
  zero = 0
  a    = 1 / local.zero
  b    = 5 % 0
}

#> arithmetic
#>
#>   x division by zero
#>    ,-[division-by-zero.hcl:5:14]
#>  4 |   zero = 0
#>  5 |   a    = 1 / local.zero
#>    :              ^^^^^|^^^^
#>    :                   `-- this is zero
#>  6 |   b    = 5 % 0
#>    `----
#>
#> arithmetic
#>
#>   x division by zero
#>    ,-[division-by-zero.hcl:6:14]
#>  5 |   a    = 1 / local.zero
#>  6 |   b    = 5 % 0
#>    :              |
#>    :              `-- this is zero
#>  7 | }
#>    `----
#>
#> 2 errors
