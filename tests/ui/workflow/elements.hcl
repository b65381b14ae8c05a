project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

workflow "assess" {
  input "keys" {
    type = map(string)
  }
  input "count" {
    type = number
  }
  stage "load" {
    for_each = input.keys
    read     = bucket.data
    key      = item
  }
  stage "count" {
    for_each = input.count
    value    = item
  }
  stage "numbers" {
    for_each = ["a", "b"]
    value    = item + 1
  }
  stage "past" {
    value = stage.numbers[2].value
  }
  stage "alone" {
    max_concurrency = 5
    value           = 1
  }
  stage "both" {
    for_each = ["a"]
    value    = 1
    distribute {
      objects = bucket.data
    }
  }
  stage "stop" {
    for_each = ["a"]
    fail     = "no"
  }
}

#> wrong-type
#>
#>   x `for_each` must be a list, and this is a map(string)
#>     ,-[elements.hcl:21:16]
#>  20 |   stage "load" {
#>  21 |     for_each = input.keys
#>     :                ^^^^^^^^^^
#>  22 |     read     = bucket.data
#>     `----
#>   help: make a list of it: `[for key, value in … : { key = key, value = value }]`
#>
#> wrong-type
#>
#>   x `for_each` must be a list, and this is a number
#>     ,-[elements.hcl:26:16]
#>  25 |   stage "count" {
#>  26 |     for_each = input.count
#>     :                ^^^^^^^^^^^
#>  27 |     value    = item
#>     `----
#>
#> invalid-operand
#>
#>   x `+` takes a number, and this is a string
#>     ,-[elements.hcl:31:16]
#>  30 |     for_each = ["a", "b"]
#>  31 |     value    = item + 1
#>     :                ^^^^
#>  32 |   }
#>     `----
#>   help: convert it: `tonumber(…)`
#>
#> invalid-operand
#>
#>   x there is no element 2
#>     ,-[elements.hcl:34:27]
#>  33 |   stage "past" {
#>  34 |     value = stage.numbers[2].value
#>     :                           ^
#>  35 |   }
#>     `----
#>   help: the last element has the index 1
#>
#> unknown-attribute
#>
#>   x `max_concurrency` means nothing in a stage that runs once
#>     ,-[elements.hcl:37:23]
#>  36 |   stage "alone" {
#>  37 |     max_concurrency = 5
#>     :                       ^
#>  38 |     value           = 1
#>     `----
#>   help: it says how many elements of a `for_each` or `distribute` run at the same time; add one,
#>         or remove it
#>
#> invalid-value
#>
#>   x the stage `both` has both `for_each` and `distribute`
#>     ,-[elements.hcl:43:5]
#>  40 |   stage "both" {
#>  41 |     for_each = ["a"]
#>     :                ^^|^^
#>     :                  `-- it runs for these already
#>  42 |     value    = 1
#>  43 |     distribute {
#>     :     ^^^^^^^^^^
#>  44 |       objects = bucket.data
#>     `----
#>   help: keep one: `for_each` for a list, `distribute` for what lies in a bucket
#>
#> unknown-attribute
#>
#>   x `for_each` means nothing in a stage with `fail`
#>     ,-[elements.hcl:48:16]
#>  47 |   stage "stop" {
#>  48 |     for_each = ["a"]
#>     :                ^^^^^
#>  49 |     fail     = "no"
#>     `----
#>   help: it ends the execution, which can be done once; give it a `when`
#>
#> 7 errors
