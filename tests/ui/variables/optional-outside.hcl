project "p" {}

variable "size" {
  type    = optional(number, 1)
  default = 2
}

#> invalid-value
#>
#>   x only a field of an object can be optional
#>    ,-[optional-outside.hcl:4:22]
#>  3 | variable "size" {
#>  4 |   type    = optional(number, 1)
#>    :                      ^^^^^^
#>  5 |   default = 2
#>    `----
#>   help: write `object({ name = optional(string) })`; a variable is optional when it has a
#>         `default`
#>
#> 1 error
