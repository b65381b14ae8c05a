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
  input "names" {
    type = list(string)
  }
  stage "tell" {
    notify  = channel.oncall
    message = format("%s", input.names[0])
  }
}

#> unsupported-expression
#>
#>   x `format` cannot be computed while a workflow runs
#>     ,-[function-without-counterpart.hcl:23:15]
#>  22 |     notify  = channel.oncall
#>  23 |     message = format("%s", input.names[0])
#>     :               ^^^^^^
#>  24 |   }
#>     `----
#>   help: Step Functions can compute `abs`, `ceil`, `coalesce`, `concat`, `contains`, `floor`,
#>         `join`, `jsondecode`, `jsonencode`, `keys`, `length`, `lower`, `max`, `min`, `split`,
#>         `tonumber`, `tostring`, `upper`
#>
#> 1 error
