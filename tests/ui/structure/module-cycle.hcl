project "p" {}

module "a" {
  source = "./modules/bucket"
  region = module.b.bucket.name
}

module "b" {
  source = "./modules/bucket"
  region = module.a.bucket.name
}

#> cycle
#>
#>   x the value of `module.a.region` depends on itself: `module.a.region` -> `module.b` ->
#>   | `module.b.region` -> `module.a` -> `module.a.region`
#>     ,-[module-cycle.hcl:5:12]
#>   2 |
#>   3 | module "a" {
#>     : ^^^^^|^^^^
#>     :      `-- `module.a` refers to `module.a.region`
#>   4 |   source = "./modules/bucket"
#>   5 |   region = module.b.bucket.name
#>     :            ^^^^^^^^^^|^^^^^^^^^
#>     :                      `-- `module.a.region` refers to `module.b`
#>   6 | }
#>   7 |
#>   8 | module "b" {
#>     : ^^^^^|^^^^
#>     :      `-- `module.b` refers to `module.b.region`
#>   9 |   source = "./modules/bucket"
#>  10 |   region = module.a.bucket.name
#>     :            ^^^^^^^^^^|^^^^^^^^^
#>     :                      `-- `module.b.region` refers to `module.a`
#>  11 | }
#>     `----
#>   help: give one of them a value of its own
#>
#> 1 error
