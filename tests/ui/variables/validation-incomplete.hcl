project "p" {}

variable "replicas" {
  default = 1

  validation {
    condition = var.replicas > 0
  }
}

#> missing-attribute
#>
#>   x this `validation` has no `error_message`
#>    ,-[validation-incomplete.hcl:6:3]
#>  5 |
#>  6 |   validation {
#>    :   ^^^^^^^^^^
#>  7 |     condition = var.replicas > 0
#>    `----
#>   help: add `error_message = …`
#>
#> 1 error
