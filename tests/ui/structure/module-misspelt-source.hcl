project "p" {}

module "eu" {
  sorce  = "./modules/bucket"
  region = "eu-west-1"
}

#> unknown-attribute
#>
#>   x `module` has no attribute `sorce`
#>    ,-[module-misspelt-source.hcl:4:3]
#>  3 | module "eu" {
#>  4 |   sorce  = "./modules/bucket"
#>    :   ^^^^^
#>  5 |   region = "eu-west-1"
#>    `----
#>   help: did you mean `source`?
#>
#> 1 error
