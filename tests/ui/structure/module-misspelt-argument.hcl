project "p" {}

module "eu" {
  source = "./modules/bucket"
  regoin = "eu-west-1"
}

#> unknown-attribute
#>
#>   x the module `eu` has no variable `regoin`
#>    ,-[module-misspelt-argument.hcl:5:3]
#>  4 |   source = "./modules/bucket"
#>  5 |   regoin = "eu-west-1"
#>    :   ^^^^^^
#>  6 | }
#>    `----
#>   help: did you mean `region`?
#>
#> 1 error
