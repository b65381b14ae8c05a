project "p" {}

variable "" {
  default = "a@example.com"
}

channel "" {
  email = var.address
}

workflow "w" {
  stage "a" {
    notify  = channel.oncall
    message = "a"
  }
}

#> invalid-value
#>
#>   x `` is not a name: use at most 60 letters, digits, `_` and `-`
#>    ,-[empty-names.hcl:3:10]
#>  2 |
#>  3 | variable "" {
#>    :          ^^
#>  4 |   default = "a@example.com"
#>    `----
#>
#> invalid-value
#>
#>   x `` is not a name: use at most 60 letters, digits, `_` and `-`
#>    ,-[empty-names.hcl:7:9]
#>  6 |
#>  7 | channel "" {
#>    :         ^^
#>  8 |   email = var.address
#>    `----
#>
#> 2 errors
