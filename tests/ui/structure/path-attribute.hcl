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
#>   help: `path.module` is the folder of this file, `path.root` that of the project
#>
#> 1 error
