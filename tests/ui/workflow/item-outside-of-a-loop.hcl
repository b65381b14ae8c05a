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
  input "keys" {
    type = list(string)
  }
  stage "load" {
    for_each = input.keys
    when     = item != "a"
    read     = bucket.data
    key      = item
  }
  stage "save" {
    write = bucket.data
    key   = item
    body  = 1
  }
  output = item
}

workflow "each" {
  stage "load" {
    for_each = ["a"]
    read     = bucket.data
    key      = each.value
  }
}
