project "p" {}

locals {
  a = "x" + "y"
}

#> invalid-operand
#>
#>   x `+` needs a number, found the string "x"
#>    ,-[strings-added.hcl:4:7]
#>  3 | locals {
#>  4 |   a = "x" + "y"
#>    :       ^^^
#>  5 | }
#>    `----
#>   help: strings are joined in a template: `"${a}${b}"`
#>
#> 1 error
