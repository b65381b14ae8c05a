project "demo" {}

bucket "data" {
  name = "my-bucket"
}

model "misspelt" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "s3://my-buckte/models"
}

model "foreign" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
  store = "s3://weights/of/somebody"
}
