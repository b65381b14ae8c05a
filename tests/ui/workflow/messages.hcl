project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

channel "oncall" {
  email = "oncall@example.com"
}

workflow "assess" {
  stage "a" {
    notify  = channel.oncall
    subject = "a line of more than a hundred characters is more than what fits above a message that is sent to people"
    message = "hello"
  }
  stage "b" {
    notify  = channel.oncall
    subject = "two\nlines"
    message = ""
  }
  stage "c" {
    approve = channel.oncall
    message = 5
    timeout = "1h"
  }
  output = stage.c.comment.text
}

#> invalid-value
#>
#>   x a subject of 102 characters can't be sent
#>     ,-[messages.hcl:16:15]
#>  15 |     notify  = channel.oncall
#>  16 |     subject = "a line of more than a hundred characters is more than what fits above a message that is sent to people"
#>     :               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  17 |     message = "hello"
#>     `----
#>   help: write 1 to 100, and the rest in `message`
#>
#> invalid-value
#>
#>   x a subject is one line of plain letters, digits and punctuation
#>     ,-[messages.hcl:21:15]
#>  20 |     notify  = channel.oncall
#>  21 |     subject = "two\nlines"
#>     :               ^^^^^^^^^^^^
#>  22 |     message = ""
#>     `----
#>   help: write the rest in `message`, which may hold any text
#>
#> invalid-value
#>
#>   x the message is empty
#>     ,-[messages.hcl:22:15]
#>  21 |     subject = "two\nlines"
#>  22 |     message = ""
#>     :               ^^
#>  23 |   }
#>     `----
#>   help: say what the reader needs to know
#>
#> wrong-type
#>
#>   x `message` must be a string, and this is a number
#>     ,-[messages.hcl:26:15]
#>  25 |     approve = channel.oncall
#>  26 |     message = 5
#>     :               ^
#>  27 |     timeout = "1h"
#>     `----
#>   help: put it in a template: `"${…}"`
#>
#> invalid-operand
#>
#>   x `stage.c.comment` may be null
#>     ,-[messages.hcl:29:12]
#>  28 |   }
#>  29 |   output = stage.c.comment.text
#>     :            ^^^^^^^^^^^^^^^
#>  30 | }
#>     `----
#>   help: say what to take instead: `coalesce(stage.c.comment, …)`, or `stage.c.comment != null ?
#>         stage.c.comment : …`
#>
#> 5 errors
