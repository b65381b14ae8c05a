project "p" {}

variable "replicas" {
  default = 1

  validaton {
    condition     = var.replicas > 0
    error_message = "too few"
  }
}

#> unknown-block
#>
#>   x `variable` has no block `validaton`
#>    ,-[validation-misspelt.hcl:6:3]
#>  5 |
#>  6 |   validaton {
#>    :   ^^^^^^^^^
#>  7 |     condition     = var.replicas > 0
#>    `----
#>   help: did you mean `validation`?
#>
#> 1 error
