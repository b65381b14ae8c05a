project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

workflow "assess" {
  input "keys" {
    type = list(string)
  }
  stage "load" {
    for_each = input.keys
    read     = bucket.data
    key      = item
  }
  output = {
    wrong = stage.load.body
    one   = stage.load[0].body
    all   = stage.load[*].body
    typo  = stage.load[*].boddy
    first = stage.load[0].bod
  }
}
