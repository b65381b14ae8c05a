project "p" {}

bucket "old" {
  name = "old"
}

bucket "new" {
  name = "new"
}

moved {
  from = bucket.old
  to   = bucket.new
}

#> invalid-value
#>
#>   x `bucket.old` is still there
#>     ,-[moved-still-there.hcl:12:10]
#>  11 | moved {
#>  12 |   from = bucket.old
#>     :          ^^^^^^^^^^
#>  13 |   to   = bucket.new
#>     `----
#>   help: a block that has moved is not declared under its old name: remove this `moved`, or that
#>         block
#>
#> 1 error
