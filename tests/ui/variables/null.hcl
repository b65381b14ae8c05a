project "p" {}

variable "owner" {
  type     = string
  default  = null
  nullable = false
}

#> invalid-value
#>
#>   x the variable `owner` can't be null
#>    ,-[null.hcl:5:14]
#>  4 |   type     = string
#>  5 |   default  = null
#>    :              ^^^^
#>  6 |   nullable = false
#>    `----
#>   help: give it a value
#>
#> 1 error
