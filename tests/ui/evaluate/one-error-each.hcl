locals {
  team = local.unknown
  both = "${local.team} and ${local.team}"
}

project "demo" {
  owner = local.both
}

#> undefined-reference
#>
#>   x there is no local value `unknown`
#>    ,-[one-error-each.hcl:2:16]
#>  1 | locals {
#>  2 |   team = local.unknown
#>    :                ^^^^^^^
#>  3 |   both = "${local.team} and ${local.team}"
#>    `----
#>   help: declared: `both`, `team`
#>
#> 1 error
