project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "assess" {
  stage "one" {
    after = [stage.three]
    value = 1
  }
  stage "two" {
    value = stage.one.value + 1
  }
  stage "three" {
    after = [stage.two]
    value = 3
  }
}
