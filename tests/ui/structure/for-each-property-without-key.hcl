project "p" {}

bucket "data" {
  for_each = ["eu", "us"]
  name     = "data-${each.key}"
}

locals {
  name = bucket.data.name
}

#> unknown-attribute
#>
#>   x `bucket.data` has an instance for every key, and `name` is none
#>     ,-[for-each-property-without-key.hcl:9:22]
#>   2 |
#>   3 | bucket "data" {
#>     : ^^^^^^|^^^^^^
#>     :       `-- declared here
#>   4 |   for_each = ["eu", "us"]
#>   5 |   name     = "data-${each.key}"
#>   6 | }
#>   7 |
#>   8 | locals {
#>   9 |   name = bucket.data.name
#>     :                      ^^^^
#>  10 | }
#>     `----
#>   help: name the instance first: `bucket.data["eu"].name`
#>
#> 1 error
