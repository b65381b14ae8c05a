project "p" {}

variable "ports" {
  type    = list(number)
  default = [80, "http"]
}

#> wrong-type
#>
#>   x an element of the variable `ports` is of the type `number`, found a string
#>    ,-[element-of-a-list.hcl:5:18]
#>  4 |   type    = list(number)
#>  5 |   default = [80, "http"]
#>    :                  ^^^^^^
#>  6 | }
#>    `----
#>
#> 1 error
