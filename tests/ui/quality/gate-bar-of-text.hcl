project "demo" {}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"

  quality {
    dataset  = "models/rows.csv"
    label    = "y"
    at_least = { accurcy = 0.9, rmse = 0.1, f1 = 93, auc = "high" }
    at_most  = { mae = -1 }
  }
}

