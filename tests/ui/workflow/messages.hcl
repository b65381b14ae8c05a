project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

channel "oncall" {
  email = "oncall@example.com"
}

workflow "assess" {
  stage "a" {
    notify  = channel.oncall
    subject = "a line of more than a hundred characters is more than what fits above a message that is sent to people"
    message = "hello"
  }
  stage "b" {
    notify  = channel.oncall
    subject = "two\nlines"
    message = ""
  }
  stage "c" {
    approve = channel.oncall
    message = 5
    timeout = "1h"
  }
  output = stage.c.comment.text
}
