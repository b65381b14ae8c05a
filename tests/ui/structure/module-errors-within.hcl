project "p" {}

module "team" {
  source = "./modules/broken"
  owner  = "risk"
}

#> unknown-block
#>
#>   x a module has no `project`
#>    ,-[modules/broken/main.hcl:5:1]
#>  4 |
#>  5 | project "inner" {}
#>    : ^^^^^^^
#>  6 |
#>    `----
#>   help: write the `project` in the project's own folder; a module is told what it needs through
#>         its variables
#>
#> undefined-reference
#>
#>   x there is no local value `suffix`
#>    ,-[modules/broken/main.hcl:8:32]
#>  7 | bucket "data" {
#>  8 |   name = "${var.owner}-${local.suffix}"
#>    :                                ^^^^^^
#>  9 | }
#>    `----
#>   help: declare it: `locals { suffix = … }`
#>
#> Advice:
#>   > see `module-errors-within.hcl`
#>    ,-[module-errors-within.hcl:3:1]
#>  2 |
#>  3 | module "team" {
#>    : ^^^^^^|^^^^^^
#>    :       `-- in `module.team`, used here
#>  4 |   source = "./modules/broken"
#>    `----
#>
#> unknown-attribute
#>
#>   x `bucket` has no attribute `nam`
#>     ,-[modules/broken/main.hcl:12:3]
#>  11 | bucket "log" {
#>  12 |   nam = "log"
#>     :   ^^^
#>  13 | }
#>     `----
#>   help: did you mean `name`?
#>
#> Advice:
#>   > see `module-errors-within.hcl`
#>    ,-[module-errors-within.hcl:3:1]
#>  2 |
#>  3 | module "team" {
#>    : ^^^^^^|^^^^^^
#>    :       `-- in `module.team`, used here
#>  4 |   source = "./modules/broken"
#>    `----
#>
#> 3 errors
