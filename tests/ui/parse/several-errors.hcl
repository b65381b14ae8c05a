project "demo" {}

bucket "a" {
  name = = "one"
}

bucket "b" {
  name = "two"
}

bucket "c" {
  name = ["three"
}

bucket "d" {
  name "four"
}

#> syntax
#>
#>   x expected a value, found `=`
#>    ,-[several-errors.hcl:4:10]
#>  3 | bucket "a" {
#>  4 |   name = = "one"
#>    :          ^
#>  5 | }
#>    `----
#>   help: `==` compares, `=` gives a value to a name
#>
#> syntax
#>
#>   x this `[` is never closed
#>     ,-[several-errors.hcl:12:10]
#>  11 | bucket "c" {
#>  12 |   name = ["three"
#>     :          ^
#>  13 | }
#>     : |
#>     : `-- expected `]` before this
#>  14 |
#>     `----
#>
#> syntax
#>
#>   x expected `{` to open the block `name` after `"four"`
#>     ,-[several-errors.hcl:16:8]
#>  15 | bucket "d" {
#>  16 |   name "four"
#>     :        ^^^^^^
#>  17 | }
#>     `----
#>
#> 3 errors
