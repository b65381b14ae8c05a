project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

workflow "copy" {
  input "key" {
    type = string
  }
  trigger {
    objects = bucket.data
    prefix  = "in/"
    input   = { key = event.key }
  }
  stage "save" {
    write = bucket.data
    key   = "in/${input.key}.copy"
    body  = 1
  }
}

workflow "move" {
  input "key" {
    type = string
  }
  trigger {
    objects = bucket.data
    prefix  = "new/"
    input   = { key = event.key }
  }
  stage "save" {
    write = bucket.data
    key   = "old/${input.key}"
    body  = 1
  }
}
