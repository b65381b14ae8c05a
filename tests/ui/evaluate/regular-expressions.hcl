project "demo" {}

locals {
  open     = regex("(a", "a")
  repeated = regex("*", "a")
  ahead    = regex("a(?=b)", "ab")
  none     = regex("[0-9]+", "abc")
  mixed    = regex("(?P<a>.)(.)", "ab")
  large    = regexall("(((a{1,100}){1,100}){1,100})", "a")
  replaced = replace("abc", "/[/", "")
}

#> invalid-operand
#>
#>   x `regex`: this is no regular expression: unclosed group
#>    ,-[regular-expressions.hcl:4:20]
#>  3 | locals {
#>  4 |   open     = regex("(a", "a")
#>    :                    ^^^^
#>  5 |   repeated = regex("*", "a")
#>    `----
#>
#> invalid-operand
#>
#>   x `regex`: this is no regular expression: repetition operator missing expression
#>    ,-[regular-expressions.hcl:5:20]
#>  4 |   open     = regex("(a", "a")
#>  5 |   repeated = regex("*", "a")
#>    :                    ^^^
#>  6 |   ahead    = regex("a(?=b)", "ab")
#>    `----
#>
#> invalid-operand
#>
#>   x `regex`: this is no regular expression: look-around, including look-ahead and look-behind, is
#>   | not supported
#>    ,-[regular-expressions.hcl:6:20]
#>  5 |   repeated = regex("*", "a")
#>  6 |   ahead    = regex("a(?=b)", "ab")
#>    :                    ^^^^^^^^
#>  7 |   none     = regex("[0-9]+", "abc")
#>    `----
#>   help: the syntax is RE2's, where matching never takes long
#>
#> invalid-operand
#>
#>   x `regex`: the pattern matches nothing in the string
#>    ,-[regular-expressions.hcl:7:30]
#>  6 |   ahead    = regex("a(?=b)", "ab")
#>  7 |   none     = regex("[0-9]+", "abc")
#>    :                              ^^^^^
#>  8 |   mixed    = regex("(?P<a>.)(.)", "ab")
#>    `----
#>   help: write `try(regex(…), default)` for a default, or `regexall`, which gives a list
#>
#> invalid-operand
#>
#>   x `regex`: either all groups have names or none has; `(?:…)` groups without capturing
#>    ,-[regular-expressions.hcl:8:20]
#>  7 |   none     = regex("[0-9]+", "abc")
#>  8 |   mixed    = regex("(?P<a>.)(.)", "ab")
#>    :                    ^^^^^^^^^^^^^
#>  9 |   large    = regexall("(((a{1,100}){1,100}){1,100})", "a")
#>    `----
#>
#> invalid-operand
#>
#>   x `regexall`: the regular expression is too large for the string
#>     ,-[regular-expressions.hcl:9:23]
#>   8 |   mixed    = regex("(?P<a>.)(.)", "ab")
#>   9 |   large    = regexall("(((a{1,100}){1,100}){1,100})", "a")
#>     :                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  10 |   replaced = replace("abc", "/[/", "")
#>     `----
#>
#> invalid-operand
#>
#>   x `replace`: this is no regular expression: unclosed character class
#>     ,-[regular-expressions.hcl:10:29]
#>   9 |   large    = regexall("(((a{1,100}){1,100}){1,100})", "a")
#>  10 |   replaced = replace("abc", "/[/", "")
#>     :                             ^^^^^
#>  11 | }
#>     `----
#>
#> 7 errors
