project "demo" {}

locals {
  a = [1, 2)
}

#> syntax
#>
#>   x this `[` is never closed
#>    ,-[wrong-bracket.hcl:4:7]
#>  3 | locals {
#>  4 |   a = [1, 2)
#>    :       ^    |
#>    :       |    `-- expected `]` before this
#>  5 | }
#>    `----
#>
#> 1 error
