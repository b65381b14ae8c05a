# The lines of a block whose brace is missing are not judged one by one.
project "p"
  owner = "a"
}

workflow "w" {
  stage "a"
    read = bucket.data
    key  = "a"
  }
  stage "b" {
    read = bucket.data
    key  = stage.a.body
  }
}

channel "c" {
  emial = "a@example.com"
}

#> syntax
#>
#>   x expected `{` to open the block `project` after `"p"`
#>    ,-[unopened-block.hcl:2:9]
#>  1 | # The lines of a block whose brace is missing are not judged one by one.
#>  2 | project "p"
#>    :         ^^^
#>  3 |   owner = "a"
#>    `----
#>
#> syntax
#>
#>   x expected `{` to open the block `stage` after `"a"`
#>    ,-[unopened-block.hcl:7:9]
#>  6 | workflow "w" {
#>  7 |   stage "a"
#>    :         ^^^
#>  8 |     read = bucket.data
#>    `----
#>
#> unknown-attribute
#>
#>   x `channel` has no attribute `emial`
#>     ,-[unopened-block.hcl:18:3]
#>  17 | channel "c" {
#>  18 |   emial = "a@example.com"
#>     :   ^^^^^
#>  19 | }
#>     `----
#>   help: did you mean `email`?
#>
#> 3 errors
