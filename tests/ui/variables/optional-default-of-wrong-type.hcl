project "p" {}

variable "scaling" {
  type    = object({ min = optional(number, "few") })
  default = {}
}

#> wrong-type
#>
#>   x the default of `min` is of the type `number`, found a string
#>    ,-[optional-default-of-wrong-type.hcl:4:45]
#>  3 | variable "scaling" {
#>  4 |   type    = object({ min = optional(number, "few") })
#>    :                                             ^^^^^
#>  5 |   default = {}
#>    `----
#>
#> 1 error
