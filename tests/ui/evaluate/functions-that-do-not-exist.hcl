project "demo" {}

locals {
  now    = timestamp()
  id     = uuid()
  secret = bcrypt("x")
  home   = pathexpand("~/x")
  old    = list("a", "b")
}

#> unknown-function
#>
#>   x there is no function `timestamp`
#>    ,-[functions-that-do-not-exist.hcl:4:12]
#>  3 | locals {
#>  4 |   now    = timestamp()
#>    :            ^^^^^^^^^
#>  5 |   id     = uuid()
#>    `----
#>   help: a spec gives the same output each time, so there is no clock; give the time as a variable
#>
#> unknown-function
#>
#>   x there is no function `uuid`
#>    ,-[functions-that-do-not-exist.hcl:5:12]
#>  4 |   now    = timestamp()
#>  5 |   id     = uuid()
#>    :            ^^^^
#>  6 |   secret = bcrypt("x")
#>    `----
#>   help: a spec gives the same output each time; `uuidv5` makes one of a name
#>
#> unknown-function
#>
#>   x there is no function `bcrypt`
#>    ,-[functions-that-do-not-exist.hcl:6:12]
#>  5 |   id     = uuid()
#>  6 |   secret = bcrypt("x")
#>    :            ^^^^^^
#>  7 |   home   = pathexpand("~/x")
#>    `----
#>   help: it gives another result each time, and a spec gives the same output each time; hash a
#>         password outside
#>
#> unknown-function
#>
#>   x there is no function `pathexpand`
#>    ,-[functions-that-do-not-exist.hcl:7:12]
#>  6 |   secret = bcrypt("x")
#>  7 |   home   = pathexpand("~/x")
#>    :            ^^^^^^^^^^
#>  8 |   old    = list("a", "b")
#>    `----
#>   help: the same spec gives the same output on every machine; write paths relative to the
#>         project's folder
#>
#> unknown-function
#>
#>   x there is no function `list`
#>    ,-[functions-that-do-not-exist.hcl:8:12]
#>  7 |   home   = pathexpand("~/x")
#>  8 |   old    = list("a", "b")
#>    :            ^^^^
#>  9 | }
#>    `----
#>   help: write `[a, b]`
#>
#> 5 errors
