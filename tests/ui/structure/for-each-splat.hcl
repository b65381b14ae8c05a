project "p" {}

bucket "data" {
  for_each = ["eu", "us"]
  name     = "data-${each.key}"
}

locals {
  names = bucket.data[*].name
}

#> unknown-attribute
#>
#>   x `bucket.data` has an instance for every key
#>     ,-[for-each-splat.hcl:9:22]
#>   8 | locals {
#>   9 |   names = bucket.data[*].name
#>     :                      ^^^
#>  10 | }
#>     `----
#>   help: for a list of all, write `values(bucket.data)[*]…`
#>
#> 1 error
