project "p" {}

variable "token" {
  default   = "tok-12345"
  sensitive = true
}

locals {
  sum     = var.token + 1
  parts   = { for part in ["a", var.token] : part => part + 1 }
  derived = "${var.token}-x" - 1
  key     = { a = 1 }[var.token]
}

#> invalid-operand
#>
#>   x `+` needs a number, found the string "(sensitive value)"
#>     ,-[sensitive-in-an-operation.hcl:9:13]
#>   8 | locals {
#>   9 |   sum     = var.token + 1
#>     :             ^^^^^^^^^
#>  10 |   parts   = { for part in ["a", var.token] : part => part + 1 }
#>     `----
#>
#> invalid-operand
#>
#>   x `+` needs a number, found the string "a"
#>     ,-[sensitive-in-an-operation.hcl:10:54]
#>   9 |   sum     = var.token + 1
#>  10 |   parts   = { for part in ["a", var.token] : part => part + 1 }
#>     :                                                      ^^|^
#>     :                                                        `-- `part` is "a"
#>  11 |   derived = "${var.token}-x" - 1
#>     `----
#>
#> invalid-operand
#>
#>   x `-` needs a number, found the string "(sensitive value)"
#>     ,-[sensitive-in-an-operation.hcl:11:13]
#>  10 |   parts   = { for part in ["a", var.token] : part => part + 1 }
#>  11 |   derived = "${var.token}-x" - 1
#>     :             ^^^^^^^^^^^^^^^^
#>  12 |   key     = { a = 1 }[var.token]
#>     `----
#>
#> unknown-attribute
#>
#>   x the object has no attribute `(sensitive value)`
#>     ,-[sensitive-in-an-operation.hcl:12:23]
#>  11 |   derived = "${var.token}-x" - 1
#>  12 |   key     = { a = 1 }[var.token]
#>     :                       ^^^^^^^^^
#>  13 | }
#>     `----
#>
#> 4 errors
