project "demo" {}

model "risk" {
  version "1" { file = "models/not-onnx.onnx" }
  serve = "1"
}
