project "p" {}

channel "c" {
  email = a@example.com"
}

workflow "w" {
  timeout = 15m"
  output  = { a = [1, 2 }
}

#> syntax
#>
#>   x the character `@` has no meaning here
#>    ,-[missing-quote.hcl:4:12]
#>  3 | channel "c" {
#>  4 |   email = a@example.com"
#>    :            ^
#>  5 | }
#>    `----
#>
#> syntax
#>
#>   x `15m` is not a number
#>    ,-[missing-quote.hcl:8:13]
#>  7 | workflow "w" {
#>  8 |   timeout = 15m"
#>    :             ^^^
#>  9 |   output  = { a = [1, 2 }
#>    `----
#>   help: numbers are decimal; quantities with units are strings, as in `"15m"`
#>
#> syntax
#>
#>   x this `[` is never closed
#>     ,-[missing-quote.hcl:9:19]
#>   8 |   timeout = 15m"
#>   9 |   output  = { a = [1, 2 }
#>     :                   ^     |
#>     :                   |     `-- expected `]` before this
#>  10 | }
#>     `----
#>
#> 3 errors
