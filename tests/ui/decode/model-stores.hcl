project "demo" {}

bucket "data" {
  name = "my-bucket"
}

model "a" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "${bucket.data.uri}/models/"
}

model "b" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "oci://registry.example.com/risk"
}

model "c" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "http://models.example.com"
}

model "d" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "models/risk"
}

model "e" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "https://models.example.com/risk?token=secret"
}

model "f" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = bucket.data
}

model "g" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "gs://my-bucket/models"
}

model "h" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "https://localhost/models"
}
