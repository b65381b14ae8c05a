project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "assess" {
  input "n" {
    type = number
  }
  input "names" {
    type = list(string)
  }
  stage "one" {
    value = 1
  }
  output = {
    a = input.n == null
    b = input.names == "a"
    c = input.names == [1, 2]
    d = input == input.n
    e = input.names != null && true
  }
}

#> invalid-operand
#>
#>   x `input.n` is never null, so this is always false
#>     ,-[comparisons.hcl:20:9]
#>  19 |   output = {
#>  20 |     a = input.n == null
#>     :         ^^^^^^^^^^^^^^^
#>  21 |     b = input.names == "a"
#>     `----
#>   help: leave the comparison out
#>
#> invalid-operand
#>
#>   x a list(string) never equals a string
#>     ,-[comparisons.hcl:21:9]
#>  20 |     a = input.n == null
#>  21 |     b = input.names == "a"
#>     :         ^^^^^^^^^^^^^^^^^^
#>  22 |     c = input.names == [1, 2]
#>     `----
#>   help: put it in brackets: `[…]`
#>
#> invalid-operand
#>
#>   x a list(string) never equals a list(number)
#>     ,-[comparisons.hcl:22:9]
#>  21 |     b = input.names == "a"
#>  22 |     c = input.names == [1, 2]
#>     :         ^^^^^^^^^^^^^^^^^^^^^
#>  23 |     d = input == input.n
#>     `----
#>
#> invalid-operand
#>
#>   x an object({ n = number, names = list(string) }) never equals a number
#>     ,-[comparisons.hcl:23:9]
#>  22 |     c = input.names == [1, 2]
#>  23 |     d = input == input.n
#>     :         ^^^^^^^^^^^^^^^^
#>  24 |     e = input.names != null && true
#>     `----
#>
#> invalid-operand
#>
#>   x `input.names` is never null, so this is always true
#>     ,-[comparisons.hcl:24:9]
#>  23 |     d = input == input.n
#>  24 |     e = input.names != null && true
#>     :         ^^^^^^^^^^^^^^^^^^^
#>  25 |   }
#>     `----
#>   help: leave the comparison out
#>
#> 5 errors
