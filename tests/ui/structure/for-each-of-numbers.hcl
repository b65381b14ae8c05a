project "p" {}

bucket "data" {
  for_each = [1, 2]
  name     = "data-${each.key}"
}

#> wrong-type
#>
#>   x `for_each` takes a list of strings, and this element is a number
#>    ,-[for-each-of-numbers.hcl:4:14]
#>  3 | bucket "data" {
#>  4 |   for_each = [1, 2]
#>    :              ^^^^^^
#>  5 |   name     = "data-${each.key}"
#>    `----
#>   help: write a map, or a list of strings without repetitions: each key or string names an
#>         instance
#>
#> 1 error
