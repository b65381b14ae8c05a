project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "assess" {
  input "amount" {
    type = number
    validation {
      condition     = input.amount > 0 && stage.one.value
      error_message = "the amount must be positive"
    }
    validation {
      condition     = true
      error_message = ""
    }
    validation {
      condition     = input.amount
      error_message = "what?"
    }
  }
  stage "one" {
    value = true
  }
}
