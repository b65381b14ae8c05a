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
  stage "load" {
    read = bucket.data
    key  = "${input.aplication_id}.json"
  }
}
