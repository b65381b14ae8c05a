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
    type = map(string)
  }
  input "count" {
    type = number
  }
  stage "load" {
    for_each = input.keys
    read     = bucket.data
    key      = item
  }
  stage "count" {
    for_each = input.count
    value    = item
  }
  stage "numbers" {
    for_each = ["a", "b"]
    value    = item + 1
  }
  stage "past" {
    value = stage.numbers[2].value
  }
  stage "alone" {
    max_concurrency = 5
    value           = 1
  }
  stage "both" {
    for_each = ["a"]
    value    = 1
    distribute {
      objects = bucket.data
    }
  }
  stage "stop" {
    for_each = ["a"]
    fail     = "no"
  }
}
