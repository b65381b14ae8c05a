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
    type    = string
    default = 5
  }
  trigger {
    schedule = "rate(1 hour)"
    input    = { application_id = 7, aplication = "x" }
  }
  stage "load" {
    read = bucket.data
    key  = input.application_id
  }
}
