project "demo" {}

variable "registry" {
  type    = string
  default = "registry.example.com"
}

environment "prod" {
  variables = { regsitry = "other.example.com" }
}

#> undefined-reference
#>
#>   x there is no variable `regsitry`
#>     ,-[environment-sets-unknown-variable.hcl:9:17]
#>   8 | environment "prod" {
#>   9 |   variables = { regsitry = "other.example.com" }
#>     :                 ^^^^^^^^
#>  10 | }
#>     `----
#>   help: did you mean `registry`?
#>
#> 1 error
