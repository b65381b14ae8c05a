# Nothing is said here.

#> empty-spec
#>
#>   x the spec says nothing
#>    ,-[empty.hcl:1:1]
#>  1 | # Nothing is said here.
#>    : ^
#>    `----
#>   help: a spec begins with `project "NAME" {}`
#>
#> 1 error
