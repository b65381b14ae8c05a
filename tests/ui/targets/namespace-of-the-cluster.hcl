project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster   = "main"
  namespace = "kube-system"
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

#> invalid-value
#>
#>   x the namespace `kube-system` belongs to the cluster
#>    ,-[namespace-of-the-cluster.hcl:7:15]
#>  6 |   cluster   = "main"
#>  7 |   namespace = "kube-system"
#>    :               ^^^^^^^^^^^^^
#>  8 | }
#>    `----
#>   help: name a namespace of the project's own: its network is closed except for what the spec
#>         needs
#>
#> 1 error
