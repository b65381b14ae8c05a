project "p" {}

locals {
  here = path.modul
}

#> unknown-attribute
#>
#>   x `path` has no attribute `modul`
#>    ,-[path-attribute.hcl:4:15]
#>  3 | locals {
#>  4 |   here = path.modul
#>    :               ^^^^^
#>  5 | }
#>    `----
#>   help: did you mean `module`?
#>
#> 1 error
