project "p" {}

module "all" {
  source  = "./modules/nested"
  regions = ["eu west"]
}

#> invalid-value
#>
#>   x the key "eu west" of `for_each` can't be a part of a name
#>    ,-[modules/nested/main.hcl:6:14]
#>  5 | module "copy" {
#>  6 |   for_each = var.regions
#>    :              ^^^^^^^^^^^
#>  7 |   source   = "../bucket"
#>    `----
#>   help: a key is made of letters, digits, `-` and `_`
#>
#> Advice:
#>   > see `module-errors-within-nested.hcl`
#>    ,-[module-errors-within-nested.hcl:3:1]
#>  2 |
#>  3 | module "all" {
#>    : ^^^^^^|^^^^^
#>    :       `-- in `module.all`, used here
#>  4 |   source  = "./modules/nested"
#>    `----
#>
#> 1 error
