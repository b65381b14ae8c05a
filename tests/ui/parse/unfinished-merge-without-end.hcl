project "p" {}

<<<<<<< HEAD
locals {
  a = 1
}

#> syntax
#>
#>   x a merge was not finished here
#>    ,-[unfinished-merge-without-end.hcl:3:1]
#>  2 |
#>  3 | <<<<<<< HEAD
#>    : ^^^^^^^^^^^^
#>  4 | locals {
#>    `----
#>   help: choose between what stands before and after `=======`, and remove the marks
#>
#> 1 error
