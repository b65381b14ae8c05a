project "p" {}

module "eu" {
  source = "./modules/bucket"
  region = "eu-west-1"
}

locals {
  bucket = module.eu.buckt
}

#> unknown-attribute
#>
#>   x `module.eu` has no output `buckt`
#>     ,-[module-no-such-output.hcl:9:22]
#>   2 |
#>   3 | module "eu" {
#>     : ^^^^^|^^^^^
#>     :      `-- used here
#>   4 |   source = "./modules/bucket"
#>   5 |   region = "eu-west-1"
#>   6 | }
#>   7 |
#>   8 | locals {
#>   9 |   bucket = module.eu.buckt
#>     :                      ^^^^^
#>  10 | }
#>     `----
#>   help: did you mean `bucket`?
#>
#> 1 error
