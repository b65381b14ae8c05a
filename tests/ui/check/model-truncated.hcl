project "demo" {}

model "risk" {
  version "1" { file = "models/truncated.onnx" }
  serve = "1"
}
