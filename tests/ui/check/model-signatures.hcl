project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  version "2" { file = "models/fixed.onnx" }
  version "3" { file = "models/two-inputs.onnx" }
  serve = "1"
}
