project "demo" {}

model "risk" {
  version "1" { file = "models/liner.onnx" }
  serve = "1"
}
