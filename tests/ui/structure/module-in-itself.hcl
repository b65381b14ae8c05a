project "p" {}

module "a" {
  source = "./modules/loop"
}

#> cycle
#>
#>   x the module in `modules/loop` uses itself: `modules/loop` -> `modules/loop`
#>    ,-[modules/loop/main.hcl:2:12]
#>  1 | module "again" {
#>  2 |   source = "../loop"
#>    :            ^^^^^^^^^
#>  3 | }
#>    `----
#>   help: a folder can't be a part of itself
#>
#> 1 error
