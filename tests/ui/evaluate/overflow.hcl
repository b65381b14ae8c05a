project "demo" {}

locals {
  a = 1e308 * 10
}

#> arithmetic
#>
#>   x the result is not a finite number
#>    ,-[overflow.hcl:4:7]
#>  3 | locals {
#>  4 |   a = 1e308 * 10
#>    :       ^^^^^^^^^^
#>  5 | }
#>    `----
#>
#> 1 error
