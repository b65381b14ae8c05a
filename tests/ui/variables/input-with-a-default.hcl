project "p" {}

platform "aws" {
  account    = "123456789012"
  region     = "us-east-1"
  cluster    = "main"
  namespace  = "risk"
  kubernetes = "1.34"
}

workflow "w" {
  input "a" {
    type = object({ size = optional(number, 1) })
  }
  input "b" {
    type = set(string)
  }
}

#> missing-block
#>
#>   x the workflow `w` has no stage
#>     ,-[input-with-a-default.hcl:11:1]
#>  10 |
#>  11 | workflow "w" {
#>     : ^^^^^^^^^^^^
#>  12 |   input "a" {
#>     `----
#>   help: add `stage "NAME" { … }`
#>
#> invalid-value
#>
#>   x the input of a workflow has no defaults
#>     ,-[input-with-a-default.hcl:13:12]
#>  12 |   input "a" {
#>  13 |     type = object({ size = optional(number, 1) })
#>     :            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  14 |   }
#>     `----
#>   help: write `optional(TYPE)`; a field that is left out is null
#>
#> invalid-value
#>
#>   x the input of a workflow can't be of the type `set(string)`
#>     ,-[input-with-a-default.hcl:16:12]
#>  15 |   input "b" {
#>  16 |     type = set(string)
#>     :            ^^^^^^^^^^^
#>  17 |   }
#>     `----
#>   help: it is JSON, which has lists: write `list(…)`
#>
#> 3 errors
