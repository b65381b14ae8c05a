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
    message = sha256(input.names[0])
  }
}

#> unsupported-expression
#>
#>   x `sha256` cannot be computed while a workflow runs
#>     ,-[function-without-counterpart.hcl:23:15]
#>  22 |     notify  = channel.oncall
#>  23 |     message = sha256(input.names[0])
#>     :               ^^^^^^
#>  24 |   }
#>     `----
#>   help: Step Functions can compute `abs`, `alltrue`, `anytrue`, `base64encode`, `ceil`, `chomp`,
#>         `chunklist`, `coalesce`, `coalescelist`, `compact`, `concat`, `contains`, `distinct`,
#>         `element`, `endswith`, `flatten`, `floor`, `format`, `indent`, `index`, `join`,
#>         `jsondecode`, `jsonencode`, `keys`, `length`, `lookup`, `lower`, `max`, `merge`, `min`,
#>         `one`, `parseint`, `pow`, `range`, `regex`, `regexall`, `replace`, `reverse`, `signum`,
#>         `slice`, `sort`, `split`, `startswith`, `strcontains`, `strrev`, `substr`, `sum`,
#>         `tobool`, `tolist`, `tomap`, `tonumber`, `tostring`, `trim`, `trimprefix`, `trimspace`,
#>         `trimsuffix`, `upper`, `urlencode`, `values`, `zipmap`
#>
#> 1 error
