project "p" {}

variable "replicas" {
  default = 1

  validation {
    condition     = "many"
    error_message = "too few"
  }
}

#> invalid-operand
#>
#>   x a condition needs true or false, found the string "many"
#>    ,-[validation-not-a-condition.hcl:7:21]
#>  6 |   validation {
#>  7 |     condition     = "many"
#>    :                     ^^^^^^
#>  8 |     error_message = "too few"
#>    `----
#>
#> 1 error
