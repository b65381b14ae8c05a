project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "grade" {
  version "1" { file = "models/labels.onnx" }
  serve = "1"
}

service "grade" {
  model = model.grade
  image = "registry.example.com/grade"
  resources {
    cpu    = 1
    memory = "64Mi"
  }
  expose {
    host = "grade.example.com"
  }
}

workflow "grade" {
  stage "numbers" {
    infer  = service.grade
    inputs = { colour = [[7]], x = [["red", 1]] }
  }
  stage "right" {
    infer  = service.grade
    inputs = { colour = [["red"]], x = [[0.5, 1]] }
  }
  output = { doubled = stage.right.outputs.label[0] * 2 }
}
