project "demo" {}

bucket "a" {
  name = "one
}

bucket "b" {
  name = "two"
}

#> syntax
#>
#>   x this string is never closed
#>    ,-[unterminated-string.hcl:4:10]
#>  3 | bucket "a" {
#>  4 |   name = "one
#>    :          ^
#>  5 | }
#>    `----
#>   help: a quoted string ends on its own line; for several lines use a heredoc: `<<-EOT`
#>
#> 1 error
