project "p" {}

variable "scaling" {
  type    = object({ min = number, max = optional(number) })
  default = { max = 2 }
}

#> missing-attribute
#>
#>   x the variable `scaling` lacks the attribute `min`
#>    ,-[missing-attribute-of-an-object.hcl:5:13]
#>  4 |   type    = object({ min = number, max = optional(number) })
#>  5 |   default = { max = 2 }
#>    :             ^^^^^^^^^^^
#>  6 | }
#>    `----
#>   help: its type is `object({ min = number, max = optional(number) })`
#>
#> 1 error
