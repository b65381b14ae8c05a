project "demo" {}

bucket "data" {
  name = "my-bucket"
}

bucket "data" {
  name = "other-bucket"
}

#> duplicate-name
#>
#>   x `bucket "data"` is declared twice
#>    ,-[duplicate-blocks.hcl:7:1]
#>  2 |
#>  3 | bucket "data" {
#>    : ^^^^^^|^^^^^^
#>    :       `-- declared here first
#>  4 |   name = "my-bucket"
#>  5 | }
#>  6 |
#>  7 | bucket "data" {
#>    : ^^^^^^^^^^^^^
#>  8 |   name = "other-bucket"
#>    `----
#>   help: rename one of them, or merge the two
#>
#> 1 error
