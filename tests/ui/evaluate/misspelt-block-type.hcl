# What refers to a block whose type is misspelt is right.
project "p" {}

variabel "address" {
  type    = string
  default = "a@example.com"
}

bukcet "data" {
  name = "data"
}

chanel "oncall" {
  email = var.address
}

workflow "w" {
  inptu "id" {
    type = string
  }
  stage "save" {
    write = bucket.data
    key   = "a"
    body  = 1
  }
  stage "tell" {
    notify  = channel.oncall
    message = "done"
  }
}

#> unknown-block
#>
#>   x there is no block `variabel`
#>    ,-[misspelt-block-type.hcl:4:1]
#>  3 |
#>  4 | variabel "address" {
#>    : ^^^^^^^^
#>  5 |   type    = string
#>    `----
#>   help: did you mean `variable`?
#>
#> unknown-block
#>
#>   x there is no block `bukcet`
#>     ,-[misspelt-block-type.hcl:9:1]
#>   8 |
#>   9 | bukcet "data" {
#>     : ^^^^^^
#>  10 |   name = "data"
#>     `----
#>   help: did you mean `bucket`?
#>
#> unknown-block
#>
#>   x there is no block `chanel`
#>     ,-[misspelt-block-type.hcl:13:1]
#>  12 |
#>  13 | chanel "oncall" {
#>     : ^^^^^^
#>  14 |   email = var.address
#>     `----
#>   help: did you mean `channel`?
#>
#> unknown-block
#>
#>   x `workflow` has no block `inptu`
#>     ,-[misspelt-block-type.hcl:18:3]
#>  17 | workflow "w" {
#>  18 |   inptu "id" {
#>     :   ^^^^^
#>  19 |     type = string
#>     `----
#>   help: did you mean `input`?
#>
#> 4 errors
