project "p" {}

module "eu" {
  source = "./modules/bucket"
  region = ["eu-west-1"]
}

#> wrong-type
#>
#>   x the variable `region` is of the type `string`, found a list
#>    ,-[module-argument-of-wrong-type.hcl:5:12]
#>  4 |   source = "./modules/bucket"
#>  5 |   region = ["eu-west-1"]
#>    :            ^^^^^^^^^^^^^
#>  6 | }
#>    `----
#>
#> 1 error
