project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "assess" {
  input "names" {
    type = list(string)
  }
  input "n" {
    type = number
  }
  stage "one" {
    value = 1
  }
  output = {
    a = upper(input.names)
    b = abs("${input.n}")
    c = join(", ", input.n)
    d = length(input.n)
    e = keys(input.names)
    f = max(input.n, input.names)
    g = contains(input.n, 1)
    h = length(input.names) == "one"
  }
}
