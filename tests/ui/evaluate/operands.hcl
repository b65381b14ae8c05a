project "demo" {}

locals {
  a = 1 + "one"
  b = !"perhaps"
  c = [1] > 2
  d = "x${[1]}"
  e = null + 1
}

#> invalid-operand
#>
#>   x `+` needs a number, found the string "one"
#>    ,-[operands.hcl:4:11]
#>  3 | locals {
#>  4 |   a = 1 + "one"
#>    :           ^^^^^
#>  5 |   b = !"perhaps"
#>    `----
#>
#> invalid-operand
#>
#>   x `!` needs true or false, found the string "perhaps"
#>    ,-[operands.hcl:5:8]
#>  4 |   a = 1 + "one"
#>  5 |   b = !"perhaps"
#>    :        ^^^^^^^^^
#>  6 |   c = [1] > 2
#>    `----
#>
#> invalid-operand
#>
#>   x `>` needs a number, found a list
#>    ,-[operands.hcl:6:7]
#>  5 |   b = !"perhaps"
#>  6 |   c = [1] > 2
#>    :       ^^^
#>  7 |   d = "x${[1]}"
#>    `----
#>
#> invalid-operand
#>
#>   x a template needs a string, found a list
#>    ,-[operands.hcl:7:11]
#>  6 |   c = [1] > 2
#>  7 |   d = "x${[1]}"
#>    :           ^^^
#>  8 |   e = null + 1
#>    `----
#>   help: join a list with `join(", ", list)`, or write JSON with `jsonencode`
#>
#> invalid-operand
#>
#>   x `+` needs a number, found null
#>    ,-[operands.hcl:8:7]
#>  7 |   d = "x${[1]}"
#>  8 |   e = null + 1
#>    :       ^^^^
#>  9 | }
#>    `----
#>
#> 5 errors
