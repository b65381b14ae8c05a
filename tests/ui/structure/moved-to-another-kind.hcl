project "p" {}

bucket "data" {
  name = "data"
}

moved {
  from = service.old
  to   = bucket.data
}

#> invalid-value
#>
#>   x `service.old` can't become `bucket.data`
#>     ,-[moved-to-another-kind.hcl:9:10]
#>   7 | moved {
#>   8 |   from = service.old
#>     :          ^^^^^|^^^^^
#>     :               `-- the old address
#>   9 |   to   = bucket.data
#>     :          ^^^^^^^^^^^
#>  10 | }
#>     `----
#>   help: a block keeps its type when it moves, and a module moves as a whole
#>
#> 1 error
