project "p" {}

bucket "data" {
  foreach = ["eu", "us"]
  name    = "data-${each.key}"
}

locals {
  eu  = bucket.data["eu"].uri
  all = [for key, bucket in bucket.data : bucket.name]
}

#> unknown-attribute
#>
#>   x `bucket` has no attribute `foreach`
#>    ,-[for-each-misspelt.hcl:4:3]
#>  3 | bucket "data" {
#>  4 |   foreach = ["eu", "us"]
#>    :   ^^^^^^^
#>  5 |   name    = "data-${each.key}"
#>    `----
#>   help: did you mean `for_each`?
#>
#> 1 error
