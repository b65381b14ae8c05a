project "demo" {}

locals {
  a = 1
}

locals {
  a = 2
}

#> duplicate-name
#>
#>   x the local value `a` is given twice
#>    ,-[duplicate-local.hcl:8:3]
#>  3 | locals {
#>  4 |   a = 1
#>    :   |
#>    :   `-- given here first
#>  5 | }
#>  6 |
#>  7 | locals {
#>  8 |   a = 2
#>    :   ^
#>  9 | }
#>    `----
#>   help: rename one of them
#>
#> 1 error
