project "p" {}

variable "replicas" {
  type    = number
  default = 0

  validation {
    condition     = var.replicas > 0
    error_message = "a service needs at least one replica, and this is ${var.replicas}."
  }
}

#> failed-validation
#>
#>   x a service needs at least one replica, and this is 0
#>    ,-[validation.hcl:5:13]
#>  4 |   type    = number
#>  5 |   default = 0
#>    :             ^
#>  6 |
#>  7 |   validation {
#>  8 |     condition     = var.replicas > 0
#>    :                     ^^^^^^^^|^^^^^^^
#>    :                             `-- this does not hold
#>  9 |     error_message = "a service needs at least one replica, and this is ${var.replicas}."
#>    `----
#>   help: the variable `replicas` needs another value
#>
#> 1 error
