project "p" {}

module "all" {
  source  = "./modules/nested"
  regions = ["EU"]
}

#> invalid-value
#>
#>   x `data-EU` is not the name of an S3 bucket: it has 3 to 63 lower-case letters, digits, `.` and
#>   | `-`, and is no IP address
#>    ,-[modules/bucket/main.hcl:6:10]
#>  5 | bucket "data" {
#>  6 |   name = "data-${var.region}"
#>    :          ^^^^^^^^^^^^^^^^^^^^
#>  7 | }
#>    `----
#>
#> Advice:
#>   > see `module-error-of-a-later-pass.hcl`
#>    ,-[module-error-of-a-later-pass.hcl:3:1]
#>  2 |
#>  3 | module "all" {
#>    : ^^^^^^|^^^^^
#>    :       `-- in `module.all`, used here
#>  4 |   source  = "./modules/nested"
#>    `----
#>
#> Advice:
#>   > see `modules/nested/main.hcl`
#>    ,-[modules/nested/main.hcl:5:1]
#>  4 |
#>  5 | module "copy" {
#>    : ^^^^^^|^^^^^^
#>    :       `-- in `module.copy["EU"]`, used here
#>  6 |   for_each = var.regions
#>    `----
#>
#> 1 error
