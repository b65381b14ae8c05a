project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "one" {
  version "1" { file = "models/fixed.onnx" }
  serve = "1"
}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
}

service "one" {
  model = model.one
  image = "registry.example.com/one"
  resources {
    cpu    = 1
    memory = "64Mi"
  }
  batching {}
}

service "risk" {
  model   = model.risk
  image   = "registry.example.com/risk"
  timeout = "1s"
  resources {
    cpu    = 1
    memory = "64Mi"
  }
  batching {
    max_delay = "1s"
  }
}

service "small" {
  model = model.risk
  image = "registry.example.com/small"
  resources {
    cpu    = 1
    memory = "64Mi"
  }
  batching {
    max_size = 1
  }
}
