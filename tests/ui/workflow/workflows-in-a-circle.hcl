project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "a" {
  stage "b" {
    start = workflow.b
  }
}

workflow "b" {
  stage "one" {
    value = 1
  }
}

workflow "c" {
  trigger {
    workflow = workflow.b
  }
  stage "a" {
    start = workflow.a
  }
}

workflow "again" {
  stage "again" {
    start = workflow.again
  }
}
