project "demo" {}

bucket "a" {
  name =
}

#> syntax
#>
#>   x expected a value after `=`
#>    ,-[missing-value.hcl:4:8]
#>  3 | bucket "a" {
#>  4 |   name =
#>    :        ^
#>  5 | }
#>    `----
#>
#> 1 error
