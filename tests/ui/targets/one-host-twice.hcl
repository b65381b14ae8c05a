project "demo" {}

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
  expose {
    host = "risk.example.com"
  }
}

service "limits" {
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

#> duplicate-name
#>
#>   x the host `risk.example.com` leads to two services
#>     ,-[one-host-twice.hcl:22:12]
#>  21 |   expose {
#>  22 |     host = "risk.example.com"
#>     :            ^^^^^^^^^|^^^^^^^^
#>     :                     `-- already taken here
#>  23 |   }
#>     `----
#>     ,-[one-host-twice.hcl:34:12]
#>  33 |   expose {
#>  34 |     host = "risk.example.com"
#>     :            ^^^^^^^^^^^^^^^^^^
#>  35 |   }
#>     `----
#>   help: give each service a host of its own
#>
#> 1 error
