project "demo" {}

locals {
  few      = format("%s and %s", "a")
  many     = format("%s", "a", "b")
  verb     = format("%y", 1)
  end      = format("100%")
  whole    = format("%d", 1.5)
  wide     = format("%2000s", "a")
  number   = format("%[x]s", "a")
  null     = format("%s", null)
  list     = format("%s", ["a"])
  rows     = formatlist("%s-%s", ["a", "b"], ["c"])
}

#> invalid-operand
#>
#>   x `format`: the format asks for value 2, found 1 value
#>    ,-[formats.hcl:4:21]
#>  3 | locals {
#>  4 |   few      = format("%s and %s", "a")
#>    :                     ^^^^^^^^^^^
#>  5 |   many     = format("%s", "a", "b")
#>    `----
#>
#> invalid-operand
#>
#>   x `format`: the format asks for 1 value, found 2
#>    ,-[formats.hcl:5:32]
#>  4 |   few      = format("%s and %s", "a")
#>  5 |   many     = format("%s", "a", "b")
#>    :                                ^^^
#>  6 |   verb     = format("%y", 1)
#>    `----
#>
#> invalid-operand
#>
#>   x `format`: there is no verb `%y`
#>    ,-[formats.hcl:6:21]
#>  5 |   many     = format("%s", "a", "b")
#>  6 |   verb     = format("%y", 1)
#>    :                     ^^^^
#>  7 |   end      = format("100%")
#>    `----
#>   help: use `%s`, `%d`, `%f`, `%e`, `%g`, `%t`, `%q`, `%v`, `%b`, `%o`, `%x` or `%%`
#>
#> invalid-operand
#>
#>   x `format`: the format ends in the middle of a verb; `%%` writes a percent sign
#>    ,-[formats.hcl:7:21]
#>  6 |   verb     = format("%y", 1)
#>  7 |   end      = format("100%")
#>    :                     ^^^^^^
#>  8 |   whole    = format("%d", 1.5)
#>    `----
#>
#> invalid-operand
#>
#>   x `format`: `%d` needs a whole number, found 1.5
#>    ,-[formats.hcl:8:27]
#>  7 |   end      = format("100%")
#>  8 |   whole    = format("%d", 1.5)
#>    :                           ^^^
#>  9 |   wide     = format("%2000s", "a")
#>    `----
#>
#> invalid-operand
#>
#>   x `format`: a width or precision is at most 1024
#>     ,-[formats.hcl:9:21]
#>   8 |   whole    = format("%d", 1.5)
#>   9 |   wide     = format("%2000s", "a")
#>     :                     ^^^^^^^^
#>  10 |   number   = format("%[x]s", "a")
#>     `----
#>
#> invalid-operand
#>
#>   x `format`: the number of a value stands in brackets, as in `%[1]s`
#>     ,-[formats.hcl:10:21]
#>   9 |   wide     = format("%2000s", "a")
#>  10 |   number   = format("%[x]s", "a")
#>     :                     ^^^^^^^
#>  11 |   null     = format("%s", null)
#>     `----
#>
#> invalid-operand
#>
#>   x `%s` needs a string, found null
#>     ,-[formats.hcl:11:27]
#>  10 |   number   = format("%[x]s", "a")
#>  11 |   null     = format("%s", null)
#>     :                           ^^^^
#>  12 |   list     = format("%s", ["a"])
#>     `----
#>
#> invalid-operand
#>
#>   x `%s` needs a string, found a list
#>     ,-[formats.hcl:12:27]
#>  11 |   null     = format("%s", null)
#>  12 |   list     = format("%s", ["a"])
#>     :                           ^^^^^
#>  13 |   rows     = formatlist("%s-%s", ["a", "b"], ["c"])
#>     `----
#>   help: join a list with `join(", ", list)`, or write JSON with `jsonencode`
#>
#> invalid-operand
#>
#>   x `formatlist`: this list has 1 element, and the argument 2 has 2
#>     ,-[formats.hcl:13:46]
#>  12 |   list     = format("%s", ["a"])
#>  13 |   rows     = formatlist("%s-%s", ["a", "b"], ["c"])
#>     :                                              ^^^^^
#>  14 | }
#>     `----
#>
#> 10 errors
