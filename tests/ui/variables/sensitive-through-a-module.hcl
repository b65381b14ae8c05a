project "p" {}

module "s" {
  source = "./modules/secret"
}

locals {
  sum = module.s.token + 1
}

#> invalid-operand
#>
#>   x `+` needs a number, found the string "(sensitive value)"
#>    ,-[sensitive-through-a-module.hcl:8:9]
#>  7 | locals {
#>  8 |   sum = module.s.token + 1
#>    :         ^^^^^^^^^^^^^^
#>  9 | }
#>    `----
#>
#> 1 error
