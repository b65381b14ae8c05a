project "p" {}

environment "../Prod EU" {}

#> invalid-value
#>
#>   x `../Prod EU` is not an RFC 1123 label: use at most 63 lower-case letters, digits and `-`, with
#>   | none of the latter at the ends
#>    ,-[environment-name.hcl:3:13]
#>  2 |
#>  3 | environment "../Prod EU" {}
#>    :             ^^^^^^^^^^^^
#>    `----
#>
#> 1 error
