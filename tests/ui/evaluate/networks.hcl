project "demo" {}

locals {
  host   = cidrhost("10.0.0.0/30", 4)
  prefix = cidrhost("10.0.0.0", 1)
  length = cidrhost("10.0.0.0/33", 1)
  mask   = cidrnetmask("fd00::/8")
  bits   = cidrsubnet("10.0.0.0/24", 9, 0)
  number = cidrsubnet("10.0.0.0/24", 2, 4)
  room   = cidrsubnets("10.0.0.0/24", 1, 1, 1)
}

#> invalid-operand
#>
#>   x `cidrhost`: a prefix of 30 bits has no address 4
#>    ,-[networks.hcl:4:36]
#>  3 | locals {
#>  4 |   host   = cidrhost("10.0.0.0/30", 4)
#>    :                                    ^
#>  5 |   prefix = cidrhost("10.0.0.0", 1)
#>    `----
#>
#> invalid-operand
#>
#>   x `cidrhost`: the string "10.0.0.0" is no network
#>    ,-[networks.hcl:5:21]
#>  4 |   host   = cidrhost("10.0.0.0/30", 4)
#>  5 |   prefix = cidrhost("10.0.0.0", 1)
#>    :                     ^^^^^^^^^^
#>  6 |   length = cidrhost("10.0.0.0/33", 1)
#>    `----
#>   help: a network is an address and the length of its prefix, as in `"10.0.0.0/16"`
#>
#> invalid-operand
#>
#>   x `cidrhost`: the string "10.0.0.0/33" is no network
#>    ,-[networks.hcl:6:21]
#>  5 |   prefix = cidrhost("10.0.0.0", 1)
#>  6 |   length = cidrhost("10.0.0.0/33", 1)
#>    :                     ^^^^^^^^^^^^^
#>  7 |   mask   = cidrnetmask("fd00::/8")
#>    `----
#>   help: a network is an address and the length of its prefix, as in `"10.0.0.0/16"`
#>
#> invalid-operand
#>
#>   x `cidrnetmask`: only IPv4 networks have a mask
#>    ,-[networks.hcl:7:24]
#>  6 |   length = cidrhost("10.0.0.0/33", 1)
#>  7 |   mask   = cidrnetmask("fd00::/8")
#>    :                        ^^^^^^^^^^
#>  8 |   bits   = cidrsubnet("10.0.0.0/24", 9, 0)
#>    `----
#>
#> invalid-operand
#>
#>   x `cidrsubnet`: a prefix of 24 bits cannot have 9 more
#>    ,-[networks.hcl:8:38]
#>  7 |   mask   = cidrnetmask("fd00::/8")
#>  8 |   bits   = cidrsubnet("10.0.0.0/24", 9, 0)
#>    :                                      ^
#>  9 |   number = cidrsubnet("10.0.0.0/24", 2, 4)
#>    `----
#>
#> invalid-operand
#>
#>   x `cidrsubnet`: with 2 bits more there is no network 4
#>     ,-[networks.hcl:9:41]
#>   8 |   bits   = cidrsubnet("10.0.0.0/24", 9, 0)
#>   9 |   number = cidrsubnet("10.0.0.0/24", 2, 4)
#>     :                                         ^
#>  10 |   room   = cidrsubnets("10.0.0.0/24", 1, 1, 1)
#>     `----
#>
#> invalid-operand
#>
#>   x `cidrsubnets`: no room is left in `10.0.0.0/24` for a network of 25 bits
#>     ,-[networks.hcl:10:45]
#>   9 |   number = cidrsubnet("10.0.0.0/24", 2, 4)
#>  10 |   room   = cidrsubnets("10.0.0.0/24", 1, 1, 1)
#>     :                                             ^
#>  11 | }
#>     `----
#>
#> 7 errors
