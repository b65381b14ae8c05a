project "p" {}

module "eu" {
  source = "./modules/bucket"
  region = "eu-west-1"
}

locals {
  bucket = module.ue.bucket
}

#> undefined-reference
#>
#>   x there is no module `ue`
#>     ,-[module-unknown.hcl:9:19]
#>   8 | locals {
#>   9 |   bucket = module.ue.bucket
#>     :                   ^^
#>  10 | }
#>     `----
#>   help: did you mean `eu`?
#>
#> 1 error
