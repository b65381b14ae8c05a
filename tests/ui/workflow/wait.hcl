project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "assess" {
  input "seconds" {
    type = string
  }
  stage "a" {
    wait = "5 minutes"
  }
  stage "b" {
    wait = 0.5
  }
  stage "c" {
    wait = "500ms"
  }
  stage "d" {
    wait = -1
  }
  stage "e" {
    wait = input.seconds
  }
  stage "f" {
    wait = "400d"
  }
  output = stage.a.time
}
