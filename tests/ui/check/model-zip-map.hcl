project "demo" {}

model "risk" {
  version "1" { file = "models/zip-map.onnx" }
  serve = "1"
}

