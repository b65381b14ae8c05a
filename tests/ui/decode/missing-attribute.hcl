project "demo" {}

platform "aws" {
  account = "123456789012"
}

#> missing-attribute
#>
#>   x this `platform` has no `region`
#>    ,-[missing-attribute.hcl:3:1]
#>  2 |
#>  3 | platform "aws" {
#>    : ^^^^^^^^^^^^^^
#>  4 |   account = "123456789012"
#>    `----
#>   help: add `region = …`; it takes an AWS region such as `us-east-1`
#>
#> missing-attribute
#>
#>   x this `platform` has no `cluster`
#>    ,-[missing-attribute.hcl:3:1]
#>  2 |
#>  3 | platform "aws" {
#>    : ^^^^^^^^^^^^^^
#>  4 |   account = "123456789012"
#>    `----
#>   help: add `cluster = …`; it takes a name of letters, digits, `_` and `-`
#>
#> 2 errors
