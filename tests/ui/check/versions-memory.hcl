project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  version "2" { file = "models/linear.onnx" }
  version "3" { file = "models/linear.onnx" }
  version "4" { file = "models/linear.onnx" }
  serve = "1"
}

service "alone" { # to the byte: 32Mi, two times 20 bytes of weights, five numbers for one row
  model = model.risk
  image = "registry.example.com/alone"
  resources {
    cpu    = "500m"
    memory = "33554.492k"
  }
}

service "risk" {
  model   = model.risk
  image   = "registry.example.com/risk"
  traffic = { "1" = "90%", "2" = "10%" }
  shadow  = "3"
  resources {
    cpu    = "500m"
    memory = "33554.571k" # a byte less than three versions need
  }
}
