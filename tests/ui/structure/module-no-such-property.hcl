project "p" {}

module "eu" {
  source = "./modules/bucket"
  region = "eu-west-1"
}

locals {
  uri = module.eu.bucket.url
}

#> unknown-attribute
#>
#>   x `module.eu.bucket.data` has no property `url`
#>     ,-[module-no-such-property.hcl:9:26]
#>   8 | locals {
#>   9 |   uri = module.eu.bucket.url
#>     :                          ^^^
#>  10 | }
#>     `----
#>   help: did you mean `uri`?
#>
#> 1 error
