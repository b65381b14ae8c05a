project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/rows.npy"
    label   = "4"
    at_most = { rmse = 0.2 }
  }
}

