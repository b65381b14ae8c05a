project "p" {}

locals {
  key = each.key
}

#> undefined-reference
#>
#>   x `each` exists only in a block with `for_each`
#>    ,-[each-outside.hcl:4:9]
#>  3 | locals {
#>  4 |   key = each.key
#>    :         ^^^^
#>  5 | }
#>    `----
#>   help: it has the `key` and the `value` of the element that an instance of the block is made for
#>
#> 1 error
