project "p" {}

bucket "data" {
  for_each = { "eu west" = 1 }
  name     = "data-${each.key}"
}

#> invalid-value
#>
#>   x the key "eu west" of `for_each` can't be a part of a name
#>    ,-[for-each-key.hcl:4:14]
#>  3 | bucket "data" {
#>  4 |   for_each = { "eu west" = 1 }
#>    :              ^^^^^^^^^^^^^^^^^
#>  5 |   name     = "data-${each.key}"
#>    `----
#>   help: a key is made of letters, digits, `-` and `_`
#>
#> 1 error
