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
    cpu    = 1
    memory = "64Mi"
  }
  observe {
    prediction_log {
      sample = "0%"
      redact = ["featurs", "nothing like it"]
    }
    traces {
      endpoint = "http://collector.observability:4318"
      sample   = "200%"
    }
  }
}
