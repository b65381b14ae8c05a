project "demo" {}

locals {
  digits = parseint("12x", 10)
  base   = parseint("1", 63)
  large  = parseint("ffffffffffffffffff", 16)
  sign   = signum(0.5)
  log    = log(0, 10)
  power  = pow(10, 400)
  root   = pow(-1, 0.5)
}

#> invalid-operand
#>
#>   x `parseint`: the string "12x" is no whole number in base 10
#>    ,-[whole-numbers.hcl:4:21]
#>  3 | locals {
#>  4 |   digits = parseint("12x", 10)
#>    :                     ^^^^^
#>  5 |   base   = parseint("1", 63)
#>    `----
#>
#> invalid-operand
#>
#>   x `parseint`: a base is from 2 to 62, found 63
#>    ,-[whole-numbers.hcl:5:26]
#>  4 |   digits = parseint("12x", 10)
#>  5 |   base   = parseint("1", 63)
#>    :                          ^^
#>  6 |   large  = parseint("ffffffffffffffffff", 16)
#>    `----
#>
#> arithmetic
#>
#>   x the result 4722366482869645213695 is too large to be exact
#>    ,-[whole-numbers.hcl:6:12]
#>  5 |   base   = parseint("1", 63)
#>  6 |   large  = parseint("ffffffffffffffffff", 16)
#>    :            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  7 |   sign   = signum(0.5)
#>    `----
#>   help: whole numbers are exact between -9223372036854775808 and 9223372036854775807
#>
#> invalid-operand
#>
#>   x `signum`: a whole number is needed, found 0.5
#>    ,-[whole-numbers.hcl:7:19]
#>  6 |   large  = parseint("ffffffffffffffffff", 16)
#>  7 |   sign   = signum(0.5)
#>    :                   ^^^
#>  8 |   log    = log(0, 10)
#>    `----
#>
#> arithmetic
#>
#>   x the result is not a finite number
#>    ,-[whole-numbers.hcl:8:12]
#>  7 |   sign   = signum(0.5)
#>  8 |   log    = log(0, 10)
#>    :            ^^^^^^^^^^
#>  9 |   power  = pow(10, 400)
#>    `----
#>
#> arithmetic
#>
#>   x the result is not a finite number
#>     ,-[whole-numbers.hcl:9:12]
#>   8 |   log    = log(0, 10)
#>   9 |   power  = pow(10, 400)
#>     :            ^^^^^^^^^^^^
#>  10 |   root   = pow(-1, 0.5)
#>     `----
#>
#> arithmetic
#>
#>   x the result is not a finite number
#>     ,-[whole-numbers.hcl:10:12]
#>   9 |   power  = pow(10, 400)
#>  10 |   root   = pow(-1, 0.5)
#>     :            ^^^^^^^^^^^^
#>  11 | }
#>     `----
#>
#> 7 errors
