project "p" {}

output "x" {
  value = 1
}

#> unknown-block
#>
#>   x an `output` belongs in a module
#>    ,-[output-outside-of-a-module.hcl:3:1]
#>  2 |
#>  3 | output "x" {
#>    : ^^^^^^
#>  4 |   value = 1
#>    `----
#>   help: name a value with `locals { … }`; an output passes one from a module to the block that
#>         uses it
#>
#> 1 error
