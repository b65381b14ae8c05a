project "demo" {}

model "risk" {
  version "1" { file = "models/reverse-lstm.onnx" }
  serve = "1"
}
