project "p" {}

bucket "data" {
  name = "my-data"
}

moved {
  from = buket.old
  to   = bucket.data
}

#> invalid-value
#>
#>   x `buket` is no type of block
#>    ,-[moved-misspelt-kind.hcl:8:10]
#>  7 | moved {
#>  8 |   from = buket.old
#>    :          ^^^^^
#>  9 |   to   = bucket.data
#>    `----
#>   help: did you mean `bucket`?
#>
#> 1 error
