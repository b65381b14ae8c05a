project "p" {}

module {
  source = "./modules/bucket"
}

#> wrong-labels
#>
#>   x `module` takes one label
#>    ,-[module-labels.hcl:3:1]
#>  2 |
#>  3 | module {
#>    : ^^^^^^
#>  4 |   source = "./modules/bucket"
#>    `----
#>   help: write it as `module "name" { … }`
#>
#> 1 error
