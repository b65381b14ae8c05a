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
  stage "load" {
    read     = bucket.data
    key      = "a.json"
    on_error = stage.instead
  }
  stage "instead" {
    value = stage.load.body
  }
  stage "behind" {
    value = stage.load != null ? stage.load.body : stage.instead.value
  }
}
