project "p" {}

variable "limits" {
  typ     = object({ cpu = string, memory = optional(string, "512Mi") })
  default = { cpu = "1" }
}

locals {
  memory = var.limits.memory
}

#> unknown-attribute
#>
#>   x `variable` has no attribute `typ`
#>    ,-[attribute-misspelt.hcl:4:3]
#>  3 | variable "limits" {
#>  4 |   typ     = object({ cpu = string, memory = optional(string, "512Mi") })
#>    :   ^^^
#>  5 |   default = { cpu = "1" }
#>    `----
#>   help: did you mean `type`?
#>
#> 1 error
