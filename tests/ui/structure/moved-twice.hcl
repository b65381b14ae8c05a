project "p" {}

bucket "data" {
  name = "data"
}

moved {
  from = bucket.old
  to   = bucket.data
}

moved {
  from = bucket.old
  to   = bucket.data
}

#> duplicate-name
#>
#>   x `bucket.old` is moved twice
#>     ,-[moved-twice.hcl:13:10]
#>   7 | moved {
#>   8 |   from = bucket.old
#>     :          ^^^^^|^^^^
#>     :               `-- moved here first
#>   9 |   to   = bucket.data
#>  10 | }
#>  11 |
#>  12 | moved {
#>  13 |   from = bucket.old
#>     :          ^^^^^^^^^^
#>  14 |   to   = bucket.data
#>     `----
#>   help: keep one of them
#>
#> 1 error
