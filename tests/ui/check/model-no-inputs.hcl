project "demo" {}

model "risk" {
  version "1" { file = "models/no-inputs.onnx" }
  serve = "1"
}
