project "p" {}

bucket "data" {
  for_each = ["eu", "eu"]
  name     = "data-${each.key}"
}

#> duplicate-name
#>
#>   x `for_each` has the element `eu` twice
#>    ,-[for-each-twice.hcl:4:14]
#>  3 | bucket "data" {
#>  4 |   for_each = ["eu", "eu"]
#>    :              ^^^^^^^^^^^^
#>  5 |   name     = "data-${each.key}"
#>    `----
#>   help: each element names an instance: take out one, or use `toset`
#>
#> 1 error
