project "p" {}

variable "token" {
  default   = "abc"
  sensitive = true

  validation {
    condition     = length(var.token) > 8
    error_message = "the token `${var.token}` is too short"
  }
}

#> failed-validation
#>
#>   x the token `(sensitive value)` is too short
#>    ,-[validation-of-a-sensitive-value.hcl:4:15]
#>  3 | variable "token" {
#>  4 |   default   = "abc"
#>    :               ^^^^^
#>  5 |   sensitive = true
#>  6 |
#>  7 |   validation {
#>  8 |     condition     = length(var.token) > 8
#>    :                     ^^^^^^^^^^|^^^^^^^^^^
#>    :                               `-- this does not hold
#>  9 |     error_message = "the token `${var.token}` is too short"
#>    `----
#>   help: the variable `token` needs another value
#>
#> 1 error
