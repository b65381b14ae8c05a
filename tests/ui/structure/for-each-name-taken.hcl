project "p" {}

bucket "data" {
  for_each = ["eu"]
  name     = "data-${each.key}"
}

bucket "data-eu" {
  name = "other"
}

#> duplicate-name
#>
#>   x two blocks come to the name `bucket "data-eu"`
#>    ,-[for-each-name-taken.hcl:8:1]
#>  2 |
#>  3 | bucket "data" {
#>    : ^^^^^^|^^^^^^
#>    :       `-- the other one
#>  4 |   for_each = ["eu"]
#>  5 |   name     = "data-${each.key}"
#>  6 | }
#>  7 |
#>  8 | bucket "data-eu" {
#>    : ^^^^^^^^^^^^^^^^
#>  9 |   name = "other"
#>    `----
#>   help: the name of a module, of a block and the key of `for_each` are joined by `-`: rename one
#>
#> 1 error
