project "demo" {}

locals {
  kinds    = true ? 1 : [1]
  bools    = true ? 1 : false
  elements = true ? [1, true] : [2]
  keys     = true ? { a = 1, b = [1] } : {}
  fine     = [true ? 1 : "a", true ? null : 1, true ? { a = 1 } : { b = "x" }]
}

#> invalid-operand
#>
#>   x the two results of a condition must have one type
#>    ,-[results-of-conditions.hcl:4:21]
#>  3 | locals {
#>  4 |   kinds    = true ? 1 : [1]
#>    :                     |   ^|^
#>    :                     |    `-- this is a list
#>    :                     `-- this is a number
#>  5 |   bools    = true ? 1 : false
#>    `----
#>   help: convert one of them, or write `null` for no value
#>
#> invalid-operand
#>
#>   x the two results of a condition must have one type
#>    ,-[results-of-conditions.hcl:5:21]
#>  4 |   kinds    = true ? 1 : [1]
#>  5 |   bools    = true ? 1 : false
#>    :                     |   ^^|^^
#>    :                     |     `-- this is a bool
#>    :                     `-- this is a number
#>  6 |   elements = true ? [1, true] : [2]
#>    `----
#>   help: convert one of them, or write `null` for no value
#>
#> invalid-operand
#>
#>   x the two results of a condition must have one type
#>    ,-[results-of-conditions.hcl:6:14]
#>  5 |   bools    = true ? 1 : false
#>  6 |   elements = true ? [1, true] : [2]
#>    :              ^^^^^^^^^^^^^^^^^^^^^^
#>  7 |   keys     = true ? { a = 1, b = [1] } : {}
#>    `----
#>   help: what they hold cannot be converted to one type; give both the same keys or elements
#>
#> invalid-operand
#>
#>   x the two results of a condition must have one type
#>    ,-[results-of-conditions.hcl:7:14]
#>  6 |   elements = true ? [1, true] : [2]
#>  7 |   keys     = true ? { a = 1, b = [1] } : {}
#>    :              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  8 |   fine     = [true ? 1 : "a", true ? null : 1, true ? { a = 1 } : { b = "x" }]
#>    `----
#>   help: what they hold cannot be converted to one type; give both the same keys or elements
#>
#> 4 errors
