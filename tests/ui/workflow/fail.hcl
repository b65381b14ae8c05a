project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "assess" {
  input "ok" {
    type = bool
  }
  stage "stop" {
    when  = !input.ok
    fail  = input.ok
    error = "States.Timeout"
  }
  stage "value" {
    value = 1
  }
  output = stage.stop.cause
}
