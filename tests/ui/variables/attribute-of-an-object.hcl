project "p" {}

variable "scaling" {
  type    = object({ min = number, max = optional(number) })
  default = { min = 1, mx = 2 }
}

#> unknown-attribute
#>
#>   x the variable `scaling` has no attribute `mx`
#>    ,-[attribute-of-an-object.hcl:5:24]
#>  4 |   type    = object({ min = number, max = optional(number) })
#>  5 |   default = { min = 1, mx = 2 }
#>    :                        ^^
#>  6 | }
#>    `----
#>   help: did you mean `max`?
#>
#> 1 error
