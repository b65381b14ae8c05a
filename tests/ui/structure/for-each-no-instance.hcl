project "p" {}

bucket "data" {
  for_each = { eu = "eu-west-1", us = "us-east-1" }
  name     = "data-${each.value}"
}

locals {
  eu = bucket.data["ue"].uri
}

#> undefined-reference
#>
#>   x `bucket.data` has no instance `ue`
#>     ,-[for-each-no-instance.hcl:9:20]
#>   2 |
#>   3 | bucket "data" {
#>     : ^^^^^^|^^^^^^
#>     :       `-- declared here
#>   4 |   for_each = { eu = "eu-west-1", us = "us-east-1" }
#>   5 |   name     = "data-${each.value}"
#>   6 | }
#>   7 |
#>   8 | locals {
#>   9 |   eu = bucket.data["ue"].uri
#>     :                    ^^^^
#>  10 | }
#>     `----
#>   help: did you mean `eu`?
#>
#> 1 error
