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
    read     = bucket.data
    key      = item
  }
  output = {
    wrong = stage.load.body
    one   = stage.load[0].body
    all   = stage.load[*].body
    typo  = stage.load[*].boddy
    first = stage.load[0].bod
  }
}

#> invalid-operand
#>
#>   x `stage.load` is a list, because the stage runs for every element of one
#>     ,-[outputs-of-a-loop-used-as-one.hcl:23:24]
#>  17 |   stage "load" {
#>  18 |     for_each = input.keys
#>     :                ^^^^^|^^^^
#>     :                     `-- here
#>  19 |     read     = bucket.data
#>  20 |     key      = item
#>  21 |   }
#>  22 |   output = {
#>  23 |     wrong = stage.load.body
#>     :                        ^^^^
#>  24 |     one   = stage.load[0].body
#>     `----
#>   help: take the outputs of one, as in `stage.load[0].body`, or of all: `stage.load[*].body`
#>
#> undefined-reference
#>
#>   x the element has no field `boddy`
#>     ,-[outputs-of-a-loop-used-as-one.hcl:26:27]
#>  25 |     all   = stage.load[*].body
#>  26 |     typo  = stage.load[*].boddy
#>     :                           ^^^^^
#>  27 |     first = stage.load[0].bod
#>     `----
#>   help: did you mean `body`?
#>
#> undefined-reference
#>
#>   x `stage.load[0]` has no field `bod`
#>     ,-[outputs-of-a-loop-used-as-one.hcl:27:27]
#>  26 |     typo  = stage.load[*].boddy
#>  27 |     first = stage.load[0].bod
#>     :                           ^^^
#>  28 |   }
#>     `----
#>   help: did you mean `body`?
#>
#> 3 errors
