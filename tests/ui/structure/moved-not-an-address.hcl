project "p" {}

moved {
  from = "bucket.old"
  to   = bucket.data.name
}

#> invalid-value
#>
#>   x `"bucket.old"` is not the address of a block
#>    ,-[moved-not-an-address.hcl:4:10]
#>  3 | moved {
#>  4 |   from = "bucket.old"
#>    :          ^^^^^^^^^^^^
#>  5 |   to   = bucket.data.name
#>    `----
#>   help: an address is `KIND.NAME`, `KIND.NAME["KEY"]` or `module.NAME`, and within a module
#>         `module.NAME.KIND.NAME`
#>
#> invalid-value
#>
#>   x `bucket.data.name` is not the address of a block
#>    ,-[moved-not-an-address.hcl:5:10]
#>  4 |   from = "bucket.old"
#>  5 |   to   = bucket.data.name
#>    :          ^^^^^^^^^^^^^^^^
#>  6 | }
#>    `----
#>   help: an address is `KIND.NAME`, `KIND.NAME["KEY"]` or `module.NAME`, and within a module
#>         `module.NAME.KIND.NAME`
#>
#> 2 errors
