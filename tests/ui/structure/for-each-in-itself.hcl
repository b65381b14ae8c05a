project "p" {}

bucket "data" {
  for_each = [bucket.data["a"].name]
  name     = each.key
}

#> cycle
#>
#>   x the value of `bucket.data.for_each` depends on itself: `bucket.data.for_each` ->
#>   | `bucket.data.for_each`
#>    ,-[for-each-in-itself.hcl:4:15]
#>  3 | bucket "data" {
#>  4 |   for_each = [bucket.data["a"].name]
#>    :               ^^^^^^^^^^|^^^^^^^^^^
#>    :                         `-- `bucket.data.for_each` refers to `bucket.data.for_each`
#>  5 |   name     = each.key
#>    `----
#>   help: give one of them a value of its own
#>
#> 1 error
