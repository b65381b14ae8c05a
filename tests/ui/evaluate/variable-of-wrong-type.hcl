variable "replicas" {
  type    = number
  default = "many"
}
project "demo" {}

#> wrong-type
#>
#>   x the variable `replicas` is of the type `number`, found a string
#>    ,-[variable-of-wrong-type.hcl:3:13]
#>  2 |   type    = number
#>  3 |   default = "many"
#>    :             ^^^^^^
#>  4 | }
#>    `----
#>
#> 1 error
