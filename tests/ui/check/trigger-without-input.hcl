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
  input "application_id" {
    type = string
  }
  trigger { schedule = "rate(1 hour)" }
  stage "load" {
    read = bucket.data
    key  = input.application_id
  }
}
