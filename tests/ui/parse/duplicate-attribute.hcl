project "demo" {}

bucket "a" {
  name = "one"
  name = "two"
}

#> duplicate-name
#>
#>   x the attribute `name` is given twice
#>    ,-[duplicate-attribute.hcl:5:3]
#>  3 | bucket "a" {
#>  4 |   name = "one"
#>    :   ^^|^
#>    :     `-- given here first
#>  5 |   name = "two"
#>    :   ^^^^
#>  6 | }
#>    `----
#>   help: remove one of them
#>
#> 1 error
