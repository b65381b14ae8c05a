project "demo" {}

project "other" {}

#> duplicate-name
#>
#>   x a second `project` in the spec
#>    ,-[two-projects.hcl:3:1]
#>  1 | project "demo" {}
#>    : ^^^^^^^|^^^^^^
#>    :        `-- the first one
#>  2 |
#>  3 | project "other" {}
#>    : ^^^^^^^^^^^^^^^
#>    `----
#>   help: keep one of them
#>
#> 1 error
