project "p" {}

variable "token" {
  default   = "abc"
  sensitive = "yes"
}

#> wrong-type
#>
#>   x `sensitive` takes true or false, and this is a string
#>    ,-[sensitive-not-a-bool.hcl:5:15]
#>  4 |   default   = "abc"
#>  5 |   sensitive = "yes"
#>    :               ^^^^^
#>  6 | }
#>    `----
#>
#> 1 error
