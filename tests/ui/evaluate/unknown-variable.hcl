variable "registry" {
  type    = string
  default = "registry.example.com"
}

project "demo" {
  owner = var.regsitry
}

#> undefined-reference
#>
#>   x there is no variable `regsitry`
#>    ,-[unknown-variable.hcl:7:15]
#>  6 | project "demo" {
#>  7 |   owner = var.regsitry
#>    :               ^^^^^^^^
#>  8 | }
#>    `----
#>   help: did you mean `registry`?
#>
#> 1 error
