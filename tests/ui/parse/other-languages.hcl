project "p" {}

locals {
  a = if true then 1 else 2
  b = not true
  c = true and false
  d = "say "hi" now"
  e = 1,
  f = 'text'
}

#> syntax
#>
#>   x expected the end of the line, found `true`
#>    ,-[other-languages.hcl:4:10]
#>  3 | locals {
#>  4 |   a = if true then 1 else 2
#>    :          ^^^^
#>  5 |   b = not true
#>    `----
#>   help: a conditional is written `condition ? value : other`
#>
#> syntax
#>
#>   x expected the end of the line, found `true`
#>    ,-[other-languages.hcl:5:11]
#>  4 |   a = if true then 1 else 2
#>  5 |   b = not true
#>    :           ^^^^
#>  6 |   c = true and false
#>    `----
#>   help: the logical operators are `!`, `&&` and `||`
#>
#> syntax
#>
#>   x expected the end of the line, found `and`
#>    ,-[other-languages.hcl:6:12]
#>  5 |   b = not true
#>  6 |   c = true and false
#>    :            ^^^
#>  7 |   d = "say "hi" now"
#>    `----
#>   help: the logical operators are `!`, `&&` and `||`
#>
#> syntax
#>
#>   x expected the end of the line, found `hi`
#>    ,-[other-languages.hcl:7:13]
#>  6 |   c = true and false
#>  7 |   d = "say "hi" now"
#>    :             ^^
#>  8 |   e = 1,
#>    `----
#>   help: in a string, `"` is written `\"`
#>
#> syntax
#>
#>   x expected the end of the line, found `,`
#>    ,-[other-languages.hcl:8:8]
#>  7 |   d = "say "hi" now"
#>  8 |   e = 1,
#>    :        ^
#>  9 |   f = 'text'
#>    `----
#>   help: attributes end with the line
#>
#> syntax
#>
#>   x the character `'` has no meaning here
#>     ,-[other-languages.hcl:9:7]
#>   8 |   e = 1,
#>   9 |   f = 'text'
#>     :       ^
#>  10 | }
#>     `----
#>   help: strings are written between straight double quotes: `"`
#>
#> 6 errors
