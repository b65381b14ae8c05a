project "p" {}

moved {
  from = bucket.old
  when = "now"
}

moved {
  to = bucket.data
}

#> unknown-attribute
#>
#>   x `moved` has no attribute `when`
#>    ,-[moved-incomplete.hcl:5:3]
#>  4 |   from = bucket.old
#>  5 |   when = "now"
#>    :   ^^^^
#>  6 | }
#>    `----
#>   help: it has `from`, `to`
#>
#> missing-attribute
#>
#>   x this `moved` has no `from`
#>    ,-[moved-incomplete.hcl:8:1]
#>  7 |
#>  8 | moved {
#>    : ^^^^^
#>  9 |   to = bucket.data
#>    `----
#>   help: add `from = KIND.NAME`
#>
#> 2 errors
