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
    on_error = "contine"
  }
}

workflow "other" {
  stage "b" {
    read     = bucket.data
    key      = "a.json"
    on_error = stage.nothing
  }
  stage "c" {
    value    = 1
    on_error = "continue"
  }
  stage "d" {
    fail     = "no"
    on_error = "continue"
  }
}
