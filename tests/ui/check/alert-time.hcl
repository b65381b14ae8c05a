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
  expose {
    host = "risk.example.com"
  }
}

workflow "assess" {
  stage "load" {
    read = bucket.data
    key  = "a.json"
  }
}

alert "bad" {
  when   = service.risk.requests.rate > 5
  for    = "90s"
  notify = []
}

#> invalid-value
#>
#>   x `90s` is not a number of whole minutes
#>     ,-[alert-time.hcl:43:12]
#>  42 |   when   = service.risk.requests.rate > 5
#>  43 |   for    = "90s"
#>     :            ^^^^^
#>  44 |   notify = []
#>     `----
#>   help: write "1m", "5m" or more
#>
#> invalid-value
#>
#>   x the alert tells nobody
#>     ,-[alert-time.hcl:44:12]
#>  43 |   for    = "90s"
#>  44 |   notify = []
#>     :            ^^
#>  45 | }
#>     `----
#>   help: name a channel: `notify = [channel.NAME]`
#>
#> 2 errors
