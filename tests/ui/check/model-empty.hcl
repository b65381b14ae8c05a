project "demo" {}

model "risk" {
  version "1" { file = "models/empty.onnx" }
  serve = "1"
}
