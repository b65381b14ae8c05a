project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "inner" {
  input "id" {
    type = string
  }
  input "count" {
    type    = number
    default = 1
  }
  stage "one" {
    value = input.count
  }
  output = { id = input.id, twice = stage.one.value * 2 }
}

workflow "outer" {
  stage "a" {
    start = workflow.inner
    input = { id = 5 }
  }
  stage "b" {
    start = workflow.inner
    input = { ident = "x", count = "many" }
  }
  stage "c" {
    start = workflow.inner
  }
  output = {
    a = stage.a.output.twise
    b = "${stage.b.output.twice + 1}"
    c = stage.c.output.id + 1
  }
}
