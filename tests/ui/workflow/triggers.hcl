project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

alert "failed" {
  when   = workflow.assess.failures.count > 0
  for    = "1m"
  notify = [channel.oncall]
}

channel "oncall" {
  email = "oncall@example.com"
}

workflow "other" {
  stage "one" {
    value = 1
  }
}

workflow "assess" {
  input "key" {
    type    = string
    default = "a.json"
  }
  trigger {
    input = { key = event.key }
  }
  trigger {
    schedule = "rate(1 hour)"
    objects  = bucket.data
  }
  trigger {
    schedule = "rate(1 hour)"
    prefix   = "a/"
    outcome  = "any"
    input    = { key = event.key }
  }
  trigger {
    objects  = bucket.data
    timezone = "Europe/Berlin"
    input    = { key = event.size }
  }
  trigger {
    workflow = workflow.other
    outcome  = "any"
    input    = { key = event.exection }
  }
  trigger {
    alert = alert.failed
    input = { key = input.key }
  }
  stage "load" {
    read = bucket.data
    key  = event.key
  }
}

workflow "outcome" {
  trigger {
    workflow = workflow.other
    outcome  = "success"
  }
  stage "one" {
    value = 1
  }
}

#> missing-attribute
#>
#>   x this trigger waits for nothing
#>     ,-[triggers.hcl:34:3]
#>  33 |   }
#>  34 |   trigger {
#>     :   ^^^^^^^
#>  35 |     input = { key = event.key }
#>     `----
#>   help: give it one of `schedule`, `objects`, `workflow` and `alert`
#>
#> invalid-value
#>
#>   x this trigger waits for two things: `schedule` and `objects`
#>     ,-[triggers.hcl:39:16]
#>  37 |   trigger {
#>  38 |     schedule = "rate(1 hour)"
#>     :                ^^^^^^^|^^^^^^
#>     :                       `-- the first
#>  39 |     objects  = bucket.data
#>     :                ^^^^^^^^^^^
#>  40 |   }
#>     `----
#>   help: make two triggers of it: a workflow may have several
#>
#> unknown-attribute
#>
#>   x `prefix` means nothing in a trigger with `schedule`
#>     ,-[triggers.hcl:43:16]
#>  42 |     schedule = "rate(1 hour)"
#>  43 |     prefix   = "a/"
#>     :                ^^^^
#>  44 |     outcome  = "any"
#>     `----
#>   help: it belongs to `objects`; remove it
#>
#> unknown-attribute
#>
#>   x `outcome` means nothing in a trigger with `schedule`
#>     ,-[triggers.hcl:44:16]
#>  43 |     prefix   = "a/"
#>  44 |     outcome  = "any"
#>     :                ^^^^^
#>  45 |     input    = { key = event.key }
#>     `----
#>   help: it belongs to `workflow`; remove it
#>
#> undefined-reference
#>
#>   x a schedule brings no `event`
#>     ,-[triggers.hcl:45:24]
#>  44 |     outcome  = "any"
#>  45 |     input    = { key = event.key }
#>     :                        ^^^^^
#>  46 |   }
#>     `----
#>   help: triggers with `objects`, `workflow` or `alert` have one; give a schedule's executions
#>         plain values
#>
#> unknown-attribute
#>
#>   x `timezone` means nothing in a trigger with `objects`
#>     ,-[triggers.hcl:49:16]
#>  48 |     objects  = bucket.data
#>  49 |     timezone = "Europe/Berlin"
#>     :                ^^^^^^^^^^^^^^^
#>  50 |     input    = { key = event.size }
#>     `----
#>   help: it belongs to `schedule`; remove it
#>
#> wrong-type
#>
#>   x the input `key` must be a string, and this is a number
#>     ,-[triggers.hcl:31:15]
#>  30 |   input "key" {
#>  31 |     type    = string
#>     :               ^^^|^^
#>     :                  `-- declared here
#>  32 |     default = "a.json"
#>     `----
#>     ,-[triggers.hcl:50:24]
#>  49 |     timezone = "Europe/Berlin"
#>  50 |     input    = { key = event.size }
#>     :                        ^^^^^^^^^^
#>  51 |   }
#>     `----
#>
#> undefined-reference
#>
#>   x `event` has no field `exection`
#>     ,-[triggers.hcl:55:30]
#>  54 |     outcome  = "any"
#>  55 |     input    = { key = event.exection }
#>     :                              ^^^^^^^^
#>  56 |   }
#>     `----
#>   help: did you mean `execution`?
#>
#> undefined-reference
#>
#>   x `input` is not known before the workflow begins
#>     ,-[triggers.hcl:59:21]
#>  58 |     alert = alert.failed
#>  59 |     input = { key = input.key }
#>     :                     ^^^^^
#>  60 |   }
#>     `----
#>   help: the input of a trigger is made of plain values and of `event`
#>
#> undefined-reference
#>
#>   x `event` exists only in the input of a trigger
#>     ,-[triggers.hcl:63:12]
#>  62 |     read = bucket.data
#>  63 |     key  = event.key
#>     :            ^^^^^
#>  64 |   }
#>     `----
#>   help: hand it over there, as in `input = { key = event.key }`, and read `input.key` here
#>
#> invalid-value
#>
#>   x `success` is no outcome; there are "succeeded", "failed", "any"
#>     ,-[triggers.hcl:70:16]
#>  69 |     workflow = workflow.other
#>  70 |     outcome  = "success"
#>     :                ^^^^^^^^^
#>  71 |   }
#>     `----
#>
#> 11 errors
