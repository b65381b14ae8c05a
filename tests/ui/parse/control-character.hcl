project "demo" {}

bucket "a" {
  name = "one"
}

#> syntax
#>
#>   x a control character (U+0001) has no place in a spec
#>    ,-[control-character.hcl:4:12]
#>  3 | bucket "a" {
#>  4 |   name = "one"
#>    :            ^
#>  5 | }
#>    `----
#>   help: in a string, write it as an escape: `\n`, `\t`, `\u0007`
#>
#> 1 error
