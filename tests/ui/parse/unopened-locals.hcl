project "p" {}

channel "c" {
  email = local.address
}

locals
  address = "a@example.com"
}

#> syntax
#>
#>   x expected `=` or `{` after `locals`
#>    ,-[unopened-locals.hcl:7:1]
#>  6 |
#>  7 | locals
#>    : ^^^^^^
#>  8 |   address = "a@example.com"
#>    `----
#>   help: an attribute is written `name = value`, a block `name "label" { … }`
#>
#> 1 error
