bucket "data" {
  name = "my-bucket"
}

#> missing-block
#>
#>   x the spec has no `project`
#>    ,-[no-project.hcl:1:1]
#>  1 | bucket "data" {
#>    : ^
#>  2 |   name = "my-bucket"
#>    `----
#>   help: add `project "NAME" {}`: it names what is built here
#>
#> 1 error
