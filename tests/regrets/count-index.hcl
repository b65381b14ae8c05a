# `count.index` belongs to the `count` that is already reported, and is no forgotten quote.
project "p" {}

bucket "data" {
  count = 2
  name  = "data-${count.index}"
}

#> unknown-attribute
#>
#>   x `bucket` has no attribute `count`
#>    ,-[count-index.hcl:5:3]
#>  4 | bucket "data" {
#>  5 |   count = 2
#>    :   ^^^^^
#>  6 |   name  = "data-${count.index}"
#>    `----
#>   help: for several blocks of a kind there is `for_each`
#>
#> undefined-reference
#>
#>   x there is nothing named `count`
#>    ,-[count-index.hcl:6:19]
#>  5 |   count = 2
#>  6 |   name  = "data-${count.index}"
#>    :                   ^^^^^
#>  7 | }
#>    `----
#>   help: a string is written in quotes: `"count"`; a reference begins with `var`, `local`, `env`,
#>         `path`, `module`, `each`, `input`, `stage`, or a kind of block
#>
#> 2 errors
