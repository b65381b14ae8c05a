project "p" {}

bucket "data" {
  for_each = {}
  name     = "data"
}

locals {
  name = bucket.data["eu"].name
}

#> undefined-reference
#>
#>   x `bucket.data` has no instances
#>     ,-[for-each-empty.hcl:9:22]
#>   2 |
#>   3 | bucket "data" {
#>     : ^^^^^^|^^^^^^
#>     :       `-- declared here
#>   4 |   for_each = {}
#>   5 |   name     = "data"
#>   6 | }
#>   7 |
#>   8 | locals {
#>   9 |   name = bucket.data["eu"].name
#>     :                      ^^^^
#>  10 | }
#>     `----
#>   help: its `for_each` is empty
#>
#> 1 error
