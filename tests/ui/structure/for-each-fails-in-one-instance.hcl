project "p" {}

bucket "data" {
  for_each = { eu = 1, us = "two" }
  name     = "data-${each.value + 1}"
}

#> invalid-operand
#>
#>   x `+` needs a number, found the string "two"
#>    ,-[for-each-fails-in-one-instance.hcl:5:22]
#>  4 |   for_each = { eu = 1, us = "two" }
#>  5 |   name     = "data-${each.value + 1}"
#>    :                      ^^^^^|^^^^
#>    :                           `-| `each.key` is "us"
#>    :                             | `each.value` is "two"
#>  6 | }
#>    `----
#>
#> 1 error
