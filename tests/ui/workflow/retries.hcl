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
  stage "a" {
    read = bucket.data
    key  = "a.json"
    retry {
      attempts = 2
      on       = ["timeot"]
    }
  }
  stage "b" {
    read = bucket.data
    key  = "a.json"
    retry {
      attempts = 2
      on       = ["any"]
    }
    retry {
      attempts = 3
      on       = ["timeout"]
    }
  }
  stage "c" {
    read = bucket.data
    key  = "a.json"
    retry {
      attempts = 2
      on       = ["timeout", "any"]
    }
  }
  stage "d" {
    read = bucket.data
    key  = "a.json"
    retry {
      attempts = 2
      on       = ["timeout"]
    }
    retry {
      attempts = 3
      on       = ["throttled", "timeout"]
    }
  }
  stage "e" {
    read = bucket.data
    key  = "a.json"
    retry {
      attempts = 2
      on       = []
    }
    retry {
      attempts = 2
      on       = ["States.ALL"]
    }
  }
  stage "f" {
    read = bucket.data
    key  = "a.json"
    retry {
      attempts = 2
    }
    retry {
      attempts = 2
    }
  }
}

#> invalid-value
#>
#>   x there is no kind of error `timeot`
#>     ,-[retries.hcl:19:18]
#>  18 |       attempts = 2
#>  19 |       on       = ["timeot"]
#>     :                  ^^^^^^^^^^
#>  20 |     }
#>     `----
#>   help: did you mean `timeout`?
#>
#> invalid-value
#>
#>   x a `retry` for `any` error leaves nothing for the next
#>     ,-[retries.hcl:27:18]
#>  26 |       attempts = 2
#>  27 |       on       = ["any"]
#>     :                  ^^^^^^^
#>  28 |     }
#>     `----
#>   help: make it the last
#>
#> invalid-value
#>
#>   x `any` stands beside other errors, and is all of them
#>     ,-[retries.hcl:39:18]
#>  38 |       attempts = 2
#>  39 |       on       = ["timeout", "any"]
#>     :                  ^^^^^^^^^^^^^^^^^^
#>  40 |     }
#>     `----
#>   help: let it stand alone: `on = ["any"]`
#>
#> duplicate-name
#>
#>   x an error is named twice
#>     ,-[retries.hcl:51:18]
#>  46 |       attempts = 2
#>  47 |       on       = ["timeout"]
#>     :                  ^^^^^|^^^^^
#>     :                       `-- the first counts
#>  48 |     }
#>  49 |     retry {
#>  50 |       attempts = 3
#>  51 |       on       = ["throttled", "timeout"]
#>     :                  ^^^^^^^^^^^^^^^^^^^^^^^^
#>  52 |     }
#>     `----
#>   help: name each error once
#>
#> invalid-value
#>
#>   x this `retry` is for no error
#>     ,-[retries.hcl:59:18]
#>  58 |       attempts = 2
#>  59 |       on       = []
#>     :                  ^^
#>  60 |     }
#>     `----
#>   help: name some, as in `on = ["timeout", "throttled"]`, or leave `on` out
#>
#> invalid-value
#>
#>   x `States.ALL` is how Step Functions calls it
#>     ,-[retries.hcl:63:18]
#>  62 |       attempts = 2
#>  63 |       on       = ["States.ALL"]
#>     :                  ^^^^^^^^^^^^^^
#>  64 |     }
#>     `----
#>   help: write "any"
#>
#> duplicate-name
#>
#>   x an earlier `retry` is for the same errors
#>     ,-[retries.hcl:72:5]
#>  68 |     key  = "a.json"
#>  69 |     retry {
#>     :     ^^|^^
#>     :       `-- this one
#>  70 |       attempts = 2
#>  71 |     }
#>  72 |     retry {
#>     :     ^^^^^
#>  73 |       attempts = 2
#>     `----
#>   help: say what each is for, as in `on = ["timeout"]`
#>
#> 7 errors
