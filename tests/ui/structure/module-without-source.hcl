project "p" {}

module "eu" {
  region = "eu-west-1"
}

#> missing-attribute
#>
#>   x this `module` has no `source`
#>    ,-[module-without-source.hcl:3:1]
#>  2 |
#>  3 | module "eu" {
#>    : ^^^^^^^^^^^
#>  4 |   region = "eu-west-1"
#>    `----
#>   help: add `source = "./FOLDER"`: the folder with the module's blocks
#>
#> 1 error
