project "demo" {}

model "risk" {
  version "1" { file = "models/shifted.onnx" }
  serve = "1"
}
