project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

channel "oncall" {
  email = "oncall@example.com"
}

workflow "assess" {
  input "n" {
    type = number
  }
  input "names" {
    type = list(string)
  }
  stage "load" {
    when = input.n
    read = bucket.data
    key  = input.n
  }
  stage "tell" {
    notify  = channel.oncall
    message = "there are ${input.names}"
  }
  output = {
    a = input.names + 1
    b = input.n == "one"
    c = input.names.first
    d = input.n[0]
    e = input.names[-1]
    f = !input.n
    g = bucket.data
  }
}

#> wrong-type
#>
#>   x `when` must be a bool, and this is a number
#>     ,-[types.hcl:25:12]
#>  24 |   stage "load" {
#>  25 |     when = input.n
#>     :            ^^^^^^^
#>  26 |     read = bucket.data
#>     `----
#>   help: compare it, as in `… > 0.5`
#>
#> wrong-type
#>
#>   x `key` must be a string, and this is a number
#>     ,-[types.hcl:27:12]
#>  26 |     read = bucket.data
#>  27 |     key  = input.n
#>     :            ^^^^^^^
#>  28 |   }
#>     `----
#>   help: put it in a template: `"${…}"`
#>
#> invalid-operand
#>
#>   x a template can't hold a list(string)
#>     ,-[types.hcl:31:28]
#>  30 |     notify  = channel.oncall
#>  31 |     message = "there are ${input.names}"
#>     :                            ^^^^^^^^^^^
#>  32 |   }
#>     `----
#>   help: write it as JSON: `jsonencode(…)`
#>
#> invalid-operand
#>
#>   x `+` takes a number, and this is a list(string)
#>     ,-[types.hcl:34:9]
#>  33 |   output = {
#>  34 |     a = input.names + 1
#>     :         ^^^^^^^^^^^
#>  35 |     b = input.n == "one"
#>     `----
#>
#> invalid-operand
#>
#>   x a number never equals a string
#>     ,-[types.hcl:35:9]
#>  34 |     a = input.names + 1
#>  35 |     b = input.n == "one"
#>     :         ^^^^^^^^^^^^^^^^
#>  36 |     c = input.names.first
#>     `----
#>   help: convert it: `tonumber(…)`
#>
#> invalid-operand
#>
#>   x a list(string) has no field `first`
#>     ,-[types.hcl:36:21]
#>  35 |     b = input.n == "one"
#>  36 |     c = input.names.first
#>     :                     ^^^^^
#>  37 |     d = input.n[0]
#>     `----
#>   help: take an element of it first, as in `…[0]`
#>
#> invalid-operand
#>
#>   x a number has no elements
#>     ,-[types.hcl:37:9]
#>  36 |     c = input.names.first
#>  37 |     d = input.n[0]
#>     :         ^^^^^^^
#>  38 |     e = input.names[-1]
#>     `----
#>
#> invalid-operand
#>
#>   x -1 is no index: indexes are whole numbers from 0
#>     ,-[types.hcl:38:21]
#>  37 |     d = input.n[0]
#>  38 |     e = input.names[-1]
#>     :                     ^^
#>  39 |     f = !input.n
#>     `----
#>
#> invalid-operand
#>
#>   x `!` takes a bool, and this is a number
#>     ,-[types.hcl:39:10]
#>  38 |     e = input.names[-1]
#>  39 |     f = !input.n
#>     :          ^^^^^^^
#>  40 |     g = bucket.data
#>     `----
#>   help: compare it, as in `… > 0.5`
#>
#> invalid-operand
#>
#>   x `bucket.data` is a block, not a value
#>     ,-[types.hcl:40:9]
#>  39 |     f = !input.n
#>  40 |     g = bucket.data
#>     :         ^^^^^^^^^^^
#>  41 |   }
#>     `----
#>   help: a running workflow knows no buckets; use a property of it, if it has one
#>
#> 10 errors
