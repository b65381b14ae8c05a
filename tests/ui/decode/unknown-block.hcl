project "demo" {}

buckets "data" {
  name = "my-bucket"
}

queue "q" {}

#> unknown-block
#>
#>   x there is no block `buckets`
#>    ,-[unknown-block.hcl:3:1]
#>  2 |
#>  3 | buckets "data" {
#>    : ^^^^^^^
#>  4 |   name = "my-bucket"
#>    `----
#>   help: did you mean `bucket`?
#>
#> unknown-block
#>
#>   x there is no block `queue`
#>    ,-[unknown-block.hcl:7:1]
#>  6 |
#>  7 | queue "q" {}
#>    : ^^^^^
#>    `----
#>   help: at the top level there are `project`, `platform`, `bucket`, `model`, `service`,
#>         `function`, `job`, `channel`, `workflow`, `alert`, `variable`, `locals`, `environment`,
#>         `module`, `output`, `moved`
#>
#> 2 errors
