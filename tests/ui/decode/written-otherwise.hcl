project "p" {}

platform "aws" {
  account = 123456789012
  region  = "us-east-1"
  cluster = "main"
}

model "risk" {
  serve = "1"
  version "1" { file = "models/linear.onnx" }
}

channel "oncall" {
  email = "oncall@example.com"
}

service "risk" {
  model = "risk"
  image = "registry.example.com/risk"
  resources {
    cpu    = 1
    memory = "512Mi"
  }
}

service "other" {
  model = model.risk
  image = "registry.example.com/risk"
  resources {
    cpu    = 1
    memory = "512Mi"
  }
}

alert "errors" {
  when   = service.other.errors.rate > 0.1
  notify = channel.oncall
}

#> wrong-type
#>
#>   x `account` takes an AWS account of twelve digits, and this is a number
#>    ,-[written-otherwise.hcl:4:13]
#>  3 | platform "aws" {
#>  4 |   account = 123456789012
#>    :             ^^^^^^^^^^^^
#>  5 |   region  = "us-east-1"
#>    `----
#>   help: it is a string: write it in quotes
#>
#> wrong-type
#>
#>   x `model` takes a model, as in `model.NAME`, and this is a string
#>     ,-[written-otherwise.hcl:19:11]
#>  18 | service "risk" {
#>  19 |   model = "risk"
#>     :           ^^^^^^
#>  20 |   image = "registry.example.com/risk"
#>     `----
#>   help: write `model.risk`, without quotes
#>
#> wrong-type
#>
#>   x `notify` takes a list, and this is a reference to a block
#>     ,-[written-otherwise.hcl:38:12]
#>  37 |   when   = service.other.errors.rate > 0.1
#>  38 |   notify = channel.oncall
#>     :            ^^^^^^^^^^^^^^
#>  39 | }
#>     `----
#>   help: put it in brackets: `[…]`
#>
#> 3 errors
