project "p" {}

module "eu" {
  source = "./modules/bucket"
  region = "eu-west-1"
  tags {
    a = 1
  }
}

#> unknown-block
#>
#>   x `module` has no block `tags`
#>    ,-[module-with-a-block.hcl:6:3]
#>  5 |   region = "eu-west-1"
#>  6 |   tags {
#>    :   ^^^^
#>  7 |     a = 1
#>    `----
#>
#> 1 error
