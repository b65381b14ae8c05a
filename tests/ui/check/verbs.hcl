project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

channel "oncall" {
  email = "oncall@example.com"
}

workflow "assess" {
  stage "nothing" {
    timeout = "5s"
  }
  stage "two" {
    read   = bucket.data
    notify = channel.oncall
    key    = "a.json"
  }
  stage "half" {
    write = bucket.data
    key   = "a.json"
  }
  stage "more" {
    read    = bucket.data
    key     = "a.json"
    message = "hello"
  }
}
