project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "assess" {
  stage "stop" {
    fail = "not today"
  }
  stage "go_on" {
    after = [stage.stop]
    value = 1
  }
}
