project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "s3://weights/models"
}
