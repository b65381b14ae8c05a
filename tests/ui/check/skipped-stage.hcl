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
  input "n" {
    type = number
  }
  stage "load" {
    when = input.n > 1
    read = bucket.data
    key  = "a.json"
  }
  output = stage.load.body
}
