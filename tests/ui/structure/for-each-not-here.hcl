project "p" {
  for_each = ["a"]
}

#> unknown-attribute
#>
#>   x `project` has no attribute `for_each`
#>    ,-[for-each-not-here.hcl:2:3]
#>  1 | project "p" {
#>  2 |   for_each = ["a"]
#>    :   ^^^^^^^^
#>  3 | }
#>    `----
#>   help: the attributes of `project` are `owner`
#>
#> 1 error
