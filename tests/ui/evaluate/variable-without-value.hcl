variable "registry" {
  type = string
}

project "demo" {
  owner = var.registry
}

#> missing-attribute
#>
#>   x the variable `registry` has no value
#>    ,-[variable-without-value.hcl:1:1]
#>  1 | variable "registry" {
#>    : ^^^^^^^^^^^^^^^^^^^
#>  2 |   type = string
#>    `----
#>   help: give it a `default`, or a value from outside: `--var registry=…`
#>
#> 1 error
