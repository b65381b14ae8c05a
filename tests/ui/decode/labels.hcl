project {}

bucket "data" "more" {
  name = "my-bucket"
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
  model = model.risk
  image = "registry.example.com/risk"
  resources {
    cpu    = "500m"
    memory = "128Mi"
  }
  expose "public" {
    host = "risk.example.com"
  }
}

#> wrong-labels
#>
#>   x this `project` has no label
#>    ,-[labels.hcl:1:1]
#>  1 | project {}
#>    : ^^^^^^^
#>  2 |
#>    `----
#>   help: write `project "NAME" { … }`
#>
#> wrong-labels
#>
#>   x `bucket` takes one label
#>    ,-[labels.hcl:3:15]
#>  2 |
#>  3 | bucket "data" "more" {
#>    :               ^^^^^^
#>  4 |   name = "my-bucket"
#>    `----
#>   help: write `bucket "LABEL" { … }`
#>
#> wrong-labels
#>
#>   x `expose` takes no label
#>     ,-[labels.hcl:25:10]
#>  24 |   }
#>  25 |   expose "public" {
#>     :          ^^^^^^^^
#>  26 |     host = "risk.example.com"
#>     `----
#>   help: write `expose { … }`
#>
#> 3 errors
