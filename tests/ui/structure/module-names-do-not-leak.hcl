project "p" {}

module "eu" {
  source = "./modules/bucket"
  region = "eu-west-1"
}

locals {
  bucket = bucket.data.uri
}

#> undefined-reference
#>
#>   x there is no bucket `data`
#>     ,-[module-names-do-not-leak.hcl:9:19]
#>   8 | locals {
#>   9 |   bucket = bucket.data.uri
#>     :                   ^^^^
#>  10 | }
#>     `----
#>   help: declare it: `bucket "data" { … }`
#>
#> 1 error
