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
  input "names" {
    type = list(string)
  }
  stage "tell" {
    notify  = channel.oncall
    message = format("%s", input.names[0])
  }
}

