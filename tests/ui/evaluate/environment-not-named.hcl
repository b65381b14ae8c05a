project "demo" {}

environment "staging" {}

environment "prod" {}

#> ambiguous-environment
#>
#>   x the spec has 2 environments, and none is chosen
#>    ,-[environment-not-named.hcl:3:1]
#>  2 |
#>  3 | environment "staging" {}
#>    : ^^^^^^^^^^^^^^^^^^^^^
#>  4 |
#>  5 | environment "prod" {}
#>    : ^^^^^^^^^^^^^^^^^^
#>    `----
#>   help: choose one with `--env`: `staging`, `prod`
#>
#> 1 error
