# This is YAML: one finding for the file would do, and the help should say so.
project: p
service:
  name: risk

#> syntax
#>
#>   x expected `=`, found `:`
#>    ,-[yaml.hcl:2:8]
#>  1 | # This is YAML: one finding for the file would do, and the help should say so.
#>  2 | project: p
#>    :        ^
#>  3 | service:
#>    `----
#>   help: an attribute is written `name = value`
#>
#> syntax
#>
#>   x expected `=`, found `:`
#>    ,-[yaml.hcl:3:8]
#>  2 | project: p
#>  3 | service:
#>    :        ^
#>  4 |   name: risk
#>    `----
#>   help: an attribute is written `name = value`
#>
#> syntax
#>
#>   x expected `=`, found `:`
#>    ,-[yaml.hcl:4:7]
#>  3 | service:
#>  4 |   name: risk
#>    :       ^
#>    `----
#>   help: an attribute is written `name = value`
#>
#> 3 errors
