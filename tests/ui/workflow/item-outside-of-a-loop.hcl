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
    type = list(string)
  }
  stage "load" {
    for_each = input.keys
    when     = item != "a"
    read     = bucket.data
    key      = item
  }
  stage "save" {
    write = bucket.data
    key   = item
    body  = 1
  }
  output = item
}

workflow "each" {
  stage "load" {
    for_each = ["a"]
    read     = bucket.data
    key      = each.value
  }
}

#> undefined-reference
#>
#>   x `item` exists only in a stage with `for_each` or `distribute`
#>     ,-[item-outside-of-a-loop.hcl:19:16]
#>  18 |     for_each = input.keys
#>  19 |     when     = item != "a"
#>     :                ^^^^
#>  20 |     read     = bucket.data
#>  21 |     key      = item
#>  22 |   }
#>  23 |   stage "save" {
#>  24 |     write = bucket.data
#>  25 |     key   = item
#>     :             ^^|^
#>     :               `-- and here
#>  26 |     body  = 1
#>     `----
#>   help: it is the element that the stage runs for; `when` is looked at once, before any
#>
#> undefined-reference
#>
#>   x `item` exists only in a stage with `for_each` or `distribute`
#>     ,-[item-outside-of-a-loop.hcl:28:12]
#>  27 |   }
#>  28 |   output = item
#>     :            ^^^^
#>  29 | }
#>     `----
#>   help: read the outputs of all elements: `stage.NAME[*]`
#>
#> undefined-reference
#>
#>   x `each` exists only in a block with `for_each`
#>     ,-[item-outside-of-a-loop.hcl:35:16]
#>  34 |     read     = bucket.data
#>  35 |     key      = each.value
#>     :                ^^^^
#>  36 |   }
#>     `----
#>   help: in a stage with `for_each`, `item` is the element that it runs for
#>
#> 3 errors
