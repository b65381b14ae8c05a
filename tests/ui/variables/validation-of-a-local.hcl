project "p" {}

variable "replicas" {
  default = 1

  validation {
    condition     = var.replicas < local.most
    error_message = "too many"
  }
}

locals {
  most = 3
}

#> undefined-reference
#>
#>   x `local` cannot be used in a `validation`
#>    ,-[validation-of-a-local.hcl:7:36]
#>  6 |   validation {
#>  7 |     condition     = var.replicas < local.most
#>    :                                    ^^^^^
#>  8 |     error_message = "too many"
#>    `----
#>   help: a condition of a variable may refer to variables and to `env.name`
#>
#> 1 error
