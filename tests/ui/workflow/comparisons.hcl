project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "assess" {
  input "n" {
    type = number
  }
  input "names" {
    type = list(string)
  }
  stage "one" {
    value = 1
  }
  output = {
    a = input.n == null
    b = input.names == "a"
    c = input.names == [1, 2]
    d = input == input.n
    e = input.names != null && true
  }
}
