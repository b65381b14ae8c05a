locals {
  team = "risk"
}

project "demo" {
  owner = local.taem
}

#> undefined-reference
#>
#>   x there is no local value `taem`
#>    ,-[unknown-local.hcl:6:17]
#>  5 | project "demo" {
#>  6 |   owner = local.taem
#>    :                 ^^^^
#>  7 | }
#>    `----
#>   help: did you mean `team`?
#>
#> 1 error
