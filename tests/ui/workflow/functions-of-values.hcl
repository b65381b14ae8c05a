project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "assess" {
  input "names" {
    type = list(string)
  }
  input "n" {
    type = number
  }
  stage "one" {
    value = 1
  }
  output = {
    a = upper(input.names)
    b = abs("${input.n}")
    c = join(", ", input.n)
    d = length(input.n)
    e = keys(input.names)
    f = max(input.n, input.names)
    g = contains(input.n, 1)
    h = length(input.names) == "one"
  }
}

#> invalid-operand
#>
#>   x `upper` takes a string, and this is a list(string)
#>     ,-[functions-of-values.hcl:20:15]
#>  19 |   output = {
#>  20 |     a = upper(input.names)
#>     :               ^^^^^^^^^^^
#>  21 |     b = abs("${input.n}")
#>     `----
#>   help: write it as JSON: `jsonencode(…)`
#>
#> invalid-operand
#>
#>   x `join` takes a list of strings, and this is a number
#>     ,-[functions-of-values.hcl:22:20]
#>  21 |     b = abs("${input.n}")
#>  22 |     c = join(", ", input.n)
#>     :                    ^^^^^^^
#>  23 |     d = length(input.n)
#>     `----
#>   help: put it in brackets: `[…]`
#>
#> invalid-operand
#>
#>   x `length` takes a string, a list or an object, and this is a number
#>     ,-[functions-of-values.hcl:23:16]
#>  22 |     c = join(", ", input.n)
#>  23 |     d = length(input.n)
#>     :                ^^^^^^^
#>  24 |     e = keys(input.names)
#>     `----
#>
#> invalid-operand
#>
#>   x `keys` takes an object, and this is a list(string)
#>     ,-[functions-of-values.hcl:24:14]
#>  23 |     d = length(input.n)
#>  24 |     e = keys(input.names)
#>     :              ^^^^^^^^^^^
#>  25 |     f = max(input.n, input.names)
#>     `----
#>
#> invalid-operand
#>
#>   x `max` takes a number, and this is a list(string)
#>     ,-[functions-of-values.hcl:25:22]
#>  24 |     e = keys(input.names)
#>  25 |     f = max(input.n, input.names)
#>     :                      ^^^^^^^^^^^
#>  26 |     g = contains(input.n, 1)
#>     `----
#>
#> invalid-operand
#>
#>   x `contains` takes a list, and this is a number
#>     ,-[functions-of-values.hcl:26:18]
#>  25 |     f = max(input.n, input.names)
#>  26 |     g = contains(input.n, 1)
#>     :                  ^^^^^^^
#>  27 |     h = length(input.names) == "one"
#>     `----
#>   help: put it in brackets: `[…]`
#>
#> invalid-operand
#>
#>   x a number never equals a string
#>     ,-[functions-of-values.hcl:27:9]
#>  26 |     g = contains(input.n, 1)
#>  27 |     h = length(input.names) == "one"
#>     :         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  28 |   }
#>     `----
#>   help: convert it: `tonumber(…)`
#>
#> 7 errors
