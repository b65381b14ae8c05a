project "demo" {}

locals {
  a = upper()
  b = upper("x", "y")
  c = length(5)
}

#> invalid-operand
#>
#>   x `upper` takes 1 argument, found 0
#>    ,-[function-arguments.hcl:4:7]
#>  3 | locals {
#>  4 |   a = upper()
#>    :       ^^^^^^^
#>  5 |   b = upper("x", "y")
#>    `----
#>   help: it is called as `upper(string)`
#>
#> invalid-operand
#>
#>   x `upper` takes 1 argument, found 2
#>    ,-[function-arguments.hcl:5:7]
#>  4 |   a = upper()
#>  5 |   b = upper("x", "y")
#>    :       ^^^^^^^^^^^^^^^
#>  6 |   c = length(5)
#>    `----
#>   help: it is called as `upper(string)`
#>
#> invalid-operand
#>
#>   x `length` needs a list, an object or a string, found a number
#>    ,-[function-arguments.hcl:6:14]
#>  5 |   b = upper("x", "y")
#>  6 |   c = length(5)
#>    :              ^
#>  7 | }
#>    `----
#>
#> 3 errors
