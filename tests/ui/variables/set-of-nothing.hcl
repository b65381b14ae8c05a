project "p" {}

variable "names" {
  type    = set
  default = []
}

#> invalid-value
#>
#>   x there is no type `set`
#>    ,-[set-of-nothing.hcl:4:13]
#>  3 | variable "names" {
#>  4 |   type    = set
#>    :             ^^^
#>  5 |   default = []
#>    `----
#>   help: say of what: `set(string)`
#>
#> 1 error
