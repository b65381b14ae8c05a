project "p" {}

bucket "data" {
  name = "data"
}

moved {
  from = bucket.old
  to   = bucket.dta
}

#> undefined-reference
#>
#>   x there is no `bucket.dta`
#>     ,-[moved-nowhere.hcl:9:17]
#>   8 |   from = bucket.old
#>   9 |   to   = bucket.dta
#>     :                 ^^^
#>  10 | }
#>     `----
#>   help: did you mean `data`?
#>
#> 1 error
