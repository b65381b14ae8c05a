project "demo" {}

model "risk" {
  version "1" {
    file   = "models/linear.onnx"
    golden = "models/linear.golden.json"
  }
  serve = "1"

  quality {
    dataset = "models/rows.csv"
    label   = "y"
    at_most = { rmse = 0.2 }
  }
}

