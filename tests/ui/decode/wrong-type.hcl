project "demo" {
  owner = ["risk"]
}

bucket "data" {
  name = null
}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
}

service "risk" {
  model = "risk"
  image = "registry.example.com/risk"
  resources {
    cpu    = [1]
    memory = "128Mi"
  }
  expose {
    host = "risk.example.com"
  }
}

#> wrong-type
#>
#>   x `owner` takes a name of lower-case letters, digits and `-`, and this is a list
#>    ,-[wrong-type.hcl:2:11]
#>  1 | project "demo" {
#>  2 |   owner = ["risk"]
#>    :           ^^^^^^^^
#>  3 | }
#>    `----
#>
#> wrong-type
#>
#>   x `name` is null
#>    ,-[wrong-type.hcl:6:10]
#>  5 | bucket "data" {
#>  6 |   name = null
#>    :          ^^^^
#>  7 | }
#>    `----
#>   help: `name` takes the name of an S3 bucket
#>
#> wrong-type
#>
#>   x `model` takes a model, as in `model.NAME`, and this is a string
#>     ,-[wrong-type.hcl:21:11]
#>  20 | service "risk" {
#>  21 |   model = "risk"
#>     :           ^^^^^^
#>  22 |   image = "registry.example.com/risk"
#>     `----
#>   help: write `model.risk`, without quotes
#>
#> wrong-type
#>
#>   x `cpu` takes an amount of CPU such as "500m" or "2", and this is a list
#>     ,-[wrong-type.hcl:24:14]
#>  23 |   resources {
#>  24 |     cpu    = [1]
#>     :              ^^^
#>  25 |     memory = "128Mi"
#>     `----
#>
#> 4 errors
