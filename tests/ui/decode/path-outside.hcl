project "demo" {}

model "risk" {
  version "1" { file = "../secret.onnx" }
  serve = "1"
}
