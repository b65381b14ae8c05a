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
  stage "prepare" {
    value = stage.instead == null
  }
  stage "load" {
    when     = stage.prepare.value
    read     = bucket.data
    key      = "a.json"
    on_error = stage.instead
  }
  stage "instead" {
    value = 0
  }
}
