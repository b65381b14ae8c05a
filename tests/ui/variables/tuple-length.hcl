project "p" {}

variable "pair" {
  type    = tuple([string, number])
  default = ["a"]
}

#> wrong-type
#>
#>   x the variable `pair` has 2 elements, found 1
#>    ,-[tuple-length.hcl:5:13]
#>  4 |   type    = tuple([string, number])
#>  5 |   default = ["a"]
#>    :             ^^^^^
#>  6 | }
#>    `----
#>
#> 1 error
