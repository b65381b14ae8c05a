project "p" {}

module "eu" {
  source = "modules/bucket"
  region = "eu-west-1"
}

#> invalid-value
#>
#>   x `modules/bucket` is not the path of a folder
#>    ,-[module-source-of-no-folder.hcl:4:12]
#>  3 | module "eu" {
#>  4 |   source = "modules/bucket"
#>    :            ^^^^^^^^^^^^^^^^
#>  5 |   region = "eu-west-1"
#>    `----
#>   help: a module is a local folder: write `./` or `../` before its path
#>
#> 1 error
