project "p" {}

module "eu" {
  source = "./modules/nowhere"
}

#> module-unreadable
#>
#>   x the folder `./modules/nowhere` can't be read
#>    ,-[module-unreadable.hcl:4:12]
#>  3 | module "eu" {
#>  4 |   source = "./modules/nowhere"
#>    :            ^^^^^^^^^^^^^^^^^^^
#>  5 | }
#>    `----
#>   help: No such file or directory (os error 2)
#>
#> 1 error
