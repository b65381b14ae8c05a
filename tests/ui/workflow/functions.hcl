project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

function "nowhere" {}

function "two" {
  lambda = "enrich"
  url    = "https://api.example.com/enrich"
}

function "bare" {
  url = "https://api.example.com/enrich"
}

function "lambda" {
  lambda     = "enrich"
  connection = "arn:aws:events:us-east-1:123456789012:connection/api/0a1b2c3d"
}

function "names" {
  lambda = "enrich me"
}

function "plain" {
  url        = "http://api.example.com/enrich"
  connection = "api"
}

function "typed" {
  lambda  = "enrich"
  returns = object({ score = numbr })
}

#> missing-attribute
#>
#>   x the function `nowhere` is nowhere
#>     ,-[functions.hcl:9:1]
#>   8 |
#>   9 | function "nowhere" {}
#>     : ^^^^^^^^^^^^^^^^^^
#>  10 |
#>     `----
#>   help: add `lambda = "NAME"`, or `url = "https://…"` with a `connection`
#>
#> invalid-value
#>
#>   x the function `two` is two things: `lambda` and `url`
#>     ,-[functions.hcl:13:12]
#>  11 | function "two" {
#>  12 |   lambda = "enrich"
#>     :            ^^^^|^^^
#>     :                `-- the first
#>  13 |   url    = "https://api.example.com/enrich"
#>     :            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  14 | }
#>     `----
#>   help: make two functions of it
#>
#> missing-attribute
#>
#>   x the function `bare` has `url` without `connection`
#>     ,-[functions.hcl:17:9]
#>  16 | function "bare" {
#>  17 |   url = "https://api.example.com/enrich"
#>     :         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  18 | }
#>     `----
#>   help: add `connection = "arn:aws:events:…"`: Step Functions posts only through an EventBridge
#>         connection, which holds the credentials
#>
#> unknown-attribute
#>
#>   x `connection` means nothing without `url`
#>     ,-[functions.hcl:22:16]
#>  21 |   lambda     = "enrich"
#>  22 |   connection = "arn:aws:events:us-east-1:123456789012:connection/api/0a1b2c3d"
#>     :                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  23 | }
#>     `----
#>   help: a Lambda function is called with the workflow's role; remove it
#>
#> invalid-value
#>
#>   x `enrich me` is no Lambda function; write its name, as in `enrich` or `enrich:live`, or its ARN
#>     ,-[functions.hcl:26:12]
#>  25 | function "names" {
#>  26 |   lambda = "enrich me"
#>     :            ^^^^^^^^^^^
#>  27 | }
#>     `----
#>
#> invalid-value
#>
#>   x `http://api.example.com/enrich` is no address that a workflow can post to; write one such as
#>   | `https://api.example.com/enrich`
#>     ,-[functions.hcl:30:16]
#>  29 | function "plain" {
#>  30 |   url        = "http://api.example.com/enrich"
#>     :                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  31 |   connection = "api"
#>     `----
#>
#> invalid-value
#>
#>   x `api` is no ARN of a connection; `aws events describe-connection --name NAME` tells it
#>     ,-[functions.hcl:31:16]
#>  30 |   url        = "http://api.example.com/enrich"
#>  31 |   connection = "api"
#>     :                ^^^^^
#>  32 | }
#>     `----
#>
#> invalid-value
#>
#>   x there is no type `numbr`
#>     ,-[functions.hcl:36:30]
#>  35 |   lambda  = "enrich"
#>  36 |   returns = object({ score = numbr })
#>     :                              ^^^^^
#>  37 | }
#>     `----
#>   help: did you mean `number`?
#>
#> 8 errors
