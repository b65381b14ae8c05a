project "demo" {
  owner = bucket.data.url
}

bucket "data" {
  name = "my-bucket"
}

#> unknown-attribute
#>
#>   x `bucket.data` has no property `url`
#>    ,-[unknown-property.hcl:2:23]
#>  1 | project "demo" {
#>  2 |   owner = bucket.data.url
#>    :                       ^^^
#>  3 | }
#>  4 |
#>  5 | bucket "data" {
#>    : ^^^^^^|^^^^^^
#>    :       `-- declared here
#>  6 |   name = "my-bucket"
#>    `----
#>   help: did you mean `uri`?
#>
#> 1 error
