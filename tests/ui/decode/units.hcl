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
  timeout     = "10 seconds"
  drain_delay = 5
  image = "registry.example.com/risk"
  resources {
    cpu    = "half"
    memory = "128"
  }
  expose {
    host = "risk.example.com"
  }
}
