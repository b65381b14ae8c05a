project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset = "models/features.npy"
    labels  = "models/truth.npy"
    at_most = { rmse = 0.2 }
  }
}

