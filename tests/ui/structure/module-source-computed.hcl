project "p" {}

module "eu" {
  source = "./modules/${env.name}"
}

#> invalid-value
#>
#>   x the `source` of a module must be written out
#>    ,-[module-source-computed.hcl:4:12]
#>  3 | module "eu" {
#>  4 |   source = "./modules/${env.name}"
#>    :            ^^^^^^^^^^^^^^^^^^^^^^^
#>  5 | }
#>    `----
#>   help: it is read before anything is evaluated: write a path in quotes, as in `"./modules/
#>         serving"`
#>
#> 1 error
