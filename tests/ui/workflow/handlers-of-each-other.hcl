project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

workflow "assess" {
  stage "a" {
    read     = bucket.data
    key      = "a.json"
    on_error = stage.b
  }
  stage "b" {
    read     = bucket.data
    key      = "b.json"
    on_error = stage.a
  }
}
