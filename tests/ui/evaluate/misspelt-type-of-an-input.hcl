project "p" {}

workflow "w" {
  input "id" {
    tpye = string
  }
}

#> unknown-attribute
#>
#>   x `input` has no attribute `tpye`
#>    ,-[misspelt-type-of-an-input.hcl:5:5]
#>  4 |   input "id" {
#>  5 |     tpye = string
#>    :     ^^^^
#>  6 |   }
#>    `----
#>   help: did you mean `type`?
#>
#> 1 error
