project "p" {}

module "eu" {
  source = "./modules/bucket"
}

#> missing-attribute
#>
#>   x the module `eu` needs `region`
#>    ,-[module-needs-a-value.hcl:3:1]
#>  2 |
#>  3 | module "eu" {
#>    : ^^^^^^^^^^^
#>  4 |   source = "./modules/bucket"
#>    `----
#>   help: add `region = …`
#>
#> Advice:
#>   > see `modules/bucket/main.hcl`
#>    ,-[modules/bucket/main.hcl:1:1]
#>  1 | variable "region" {
#>    : ^^^^^^^^|^^^^^^^^
#>    :         `-- declared here, without a default
#>  2 |   type = string
#>    `----
#>
#> 1 error
