project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

function "enrich" {
  lambda  = "enrich:live"
  returns = object({ score = number, reason = optional(string) })
}

workflow "assess" {
  stage "enrich" {
    call    = function.enrich
    payload = { id = 1 }
  }
  output = {
    a = stage.enrich.result.scor
    b = "because of ${stage.enrich.result.reason}"
    c = stage.enrich.result.score == "high"
    d = upper(stage.enrich.result.reason)
    e = coalesce(stage.enrich.result.reason, "none")
  }
}

#> undefined-reference
#>
#>   x `stage.enrich.result` has no field `scor`
#>     ,-[function-that-returns.hcl:20:29]
#>  19 |   output = {
#>  20 |     a = stage.enrich.result.scor
#>     :                             ^^^^
#>  21 |     b = "because of ${stage.enrich.result.reason}"
#>     `----
#>   help: did you mean `score`?
#>
#> invalid-operand
#>
#>   x `stage.enrich.result.reason` may be null
#>     ,-[function-that-returns.hcl:21:23]
#>  20 |     a = stage.enrich.result.scor
#>  21 |     b = "because of ${stage.enrich.result.reason}"
#>     :                       ^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  22 |     c = stage.enrich.result.score == "high"
#>     `----
#>   help: say what to take instead: `coalesce(stage.enrich.result.reason, …)`, or
#>         `stage.enrich.result.reason != null ? stage.enrich.result.reason : …`
#>
#> invalid-operand
#>
#>   x a number never equals a string
#>     ,-[function-that-returns.hcl:22:9]
#>  21 |     b = "because of ${stage.enrich.result.reason}"
#>  22 |     c = stage.enrich.result.score == "high"
#>     :         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  23 |     d = upper(stage.enrich.result.reason)
#>     `----
#>   help: convert it: `tonumber(…)`
#>
#> invalid-operand
#>
#>   x `upper` takes a string, and this may be null
#>     ,-[function-that-returns.hcl:23:15]
#>  22 |     c = stage.enrich.result.score == "high"
#>  23 |     d = upper(stage.enrich.result.reason)
#>     :               ^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  24 |     e = coalesce(stage.enrich.result.reason, "none")
#>     `----
#>   help: say what to take instead: `coalesce(stage.enrich.result.reason, …)`, or
#>         `stage.enrich.result.reason != null ? stage.enrich.result.reason : …`
#>
#> 4 errors
