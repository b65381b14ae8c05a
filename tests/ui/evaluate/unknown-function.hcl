project "demo" {}

locals {
  a = uper("x")
}

#> unknown-function
#>
#>   x there is no function `uper`
#>    ,-[unknown-function.hcl:4:7]
#>  3 | locals {
#>  4 |   a = uper("x")
#>    :       ^^^^
#>  5 | }
#>    `----
#>   help: did you mean `upper`?
#>
#> 1 error
