project "demo" {}

bucket "a" {
  name = "one"

#> syntax
#>
#>   x this block is never closed
#>    ,-[unclosed-block.hcl:3:12]
#>  2 |
#>  3 | bucket "a" {
#>    :            ^
#>  4 |   name = "one"
#>    `----
#>   help: close it with `}` on a line of its own
#>
#> 1 error
