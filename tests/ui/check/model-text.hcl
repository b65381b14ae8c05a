project "demo" {}

model "risk" {
  version "1" { file = "models/text.onnx" }
  serve = "1"
}
