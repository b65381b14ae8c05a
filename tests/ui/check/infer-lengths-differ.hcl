project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "risk" {
  version "1" { file = "models/two-inputs.onnx" }
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
  stage "score" {
    infer  = service.risk
    inputs = { a = [[1, 2, 3]], ids = [1, 2] }
  }
  stage "again" {
    infer  = service.risk
    inputs = { a = [[1, 2, 3], [4, 5, 6]], ids = [0, 1] }
  }
  output = {
    right = stage.again.outputs.s[1][2]
    wrong = stage.again.outputs.s[2]
    short = stage.again.outputs.s[0][3]
  }
}
