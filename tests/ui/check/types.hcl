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
  input "n" {
    type = number
  }
  input "names" {
    type = list(string)
  }
  stage "load" {
    when = input.n
    read = bucket.data
    key  = input.n
  }
  stage "tell" {
    notify  = channel.oncall
    message = "there are ${input.names}"
  }
  output = {
    a = input.names + 1
    b = input.n == "one"
    c = input.names.first
    d = input.n[0]
    e = input.names[-1]
    f = !input.n
    g = bucket.data
  }
}
