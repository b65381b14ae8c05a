project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "assess" {
  input "seconds" {
    type = string
  }
  stage "a" {
    wait = "5 minutes"
  }
  stage "b" {
    wait = 0.5
  }
  stage "c" {
    wait = "500ms"
  }
  stage "d" {
    wait = -1
  }
  stage "e" {
    wait = input.seconds
  }
  stage "f" {
    wait = "400d"
  }
  stage "g" {
    wait = "1h"
  }
  stage "h" {
    wait = 3599
  }
  output = stage.a.time
}

#> invalid-value
#>
#>   x `minutes` is not a unit of time; use ms, s, m, h or d
#>     ,-[wait.hcl:14:12]
#>  13 |   stage "a" {
#>  14 |     wait = "5 minutes"
#>     :            ^^^^^^^^^^^
#>  15 |   }
#>     `----
#>   help: write whole seconds, from "1s" to "365d", or a number of seconds
#>
#> invalid-value
#>
#>   x 0.5 is no number of whole seconds
#>     ,-[wait.hcl:17:12]
#>  16 |   stage "b" {
#>  17 |     wait = 0.5
#>     :            ^^^
#>  18 |   }
#>     `----
#>   help: write whole seconds, from "1s" to "365d", or a number of seconds
#>
#> invalid-value
#>
#>   x `500ms` is no time that a stage can wait
#>     ,-[wait.hcl:20:12]
#>  19 |   stage "c" {
#>  20 |     wait = "500ms"
#>     :            ^^^^^^^
#>  21 |   }
#>     `----
#>   help: write whole seconds, from "1s" to "365d", or a number of seconds
#>
#> invalid-value
#>
#>   x -1 seconds is no time to wait
#>     ,-[wait.hcl:23:12]
#>  22 |   stage "d" {
#>  23 |     wait = -1
#>     :            ^^
#>  24 |   }
#>     `----
#>   help: write whole seconds, from "1s" to "365d", or a number of seconds
#>
#> wrong-type
#>
#>   x `wait` must be a number, and this is a string
#>     ,-[wait.hcl:26:12]
#>  25 |   stage "e" {
#>  26 |     wait = input.seconds
#>     :            ^^^^^^^^^^^^^
#>  27 |   }
#>     `----
#>   help: convert it: `tonumber(…)`
#>
#> invalid-value
#>
#>   x `400d` is no time that a stage can wait
#>     ,-[wait.hcl:29:12]
#>  28 |   stage "f" {
#>  29 |     wait = "400d"
#>     :            ^^^^^^
#>  30 |   }
#>     `----
#>   help: write whole seconds, from "1s" to "365d", or a number of seconds
#>
#> invalid-value
#>
#>   x this waits for `1h`, and the whole workflow may take `1h`
#>     ,-[wait.hcl:32:12]
#>  31 |   stage "g" {
#>  32 |     wait = "1h"
#>     :            ^^^^
#>  33 |   }
#>     `----
#>   help: wait for less, or give the workflow a longer `timeout`
#>
#> undefined-reference
#>
#>   x `stage.a` has no field `time`
#>     ,-[wait.hcl:37:20]
#>  36 |   }
#>  37 |   output = stage.a.time
#>     :                    ^^^^
#>  38 | }
#>     `----
#>   help: it only waits
#>
#> 8 errors
