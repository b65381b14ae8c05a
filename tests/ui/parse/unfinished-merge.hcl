project "p" {}

<<<<<<< HEAD
locals {
  a = 1
}
=======
locals {
  a = 2
}
>>>>>>> topic

locals {
  b = local.a
}

#> syntax
#>
#>   x a merge was not finished here
#>    ,-[unfinished-merge.hcl:3:1]
#>  2 |
#>  3 | <<<<<<< HEAD
#>    : ^^^^^^^^^^^^
#>  4 | locals {
#>    `----
#>   help: choose between what stands before and after `=======`, and remove the marks
#>
#> 1 error
