project "p" {}

variable "names" {
  type    = lisst(string)
  default = []
}

#> invalid-value
#>
#>   x there is no type `lisst`
#>    ,-[type-misspelt.hcl:4:13]
#>  3 | variable "names" {
#>  4 |   type    = lisst(string)
#>    :             ^^^^^
#>  5 |   default = []
#>    `----
#>   help: did you mean `list`?
#>
#> 1 error
