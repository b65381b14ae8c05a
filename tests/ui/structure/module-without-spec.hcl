project "p" {}

module "eu" {
  source = "./modules/empty"
}

#> module-unreadable
#>
#>   x the folder `./modules/empty` has no spec
#>    ,-[module-without-spec.hcl:4:12]
#>  3 | module "eu" {
#>  4 |   source = "./modules/empty"
#>    :            ^^^^^^^^^^^^^^^^^
#>  5 | }
#>    `----
#>   help: name a folder with a file that ends in `.hcl`
#>
#> 1 error
