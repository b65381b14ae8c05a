project "demo" {}

model "risk" {
  version "1" { file = "models/external-data.onnx" }
  serve = "1"
}
