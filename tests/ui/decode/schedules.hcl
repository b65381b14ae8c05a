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
  trigger { schedule = "rate(1 week)" }
  trigger { schedule = "cron(0 6 * * *)" }
  trigger { schedule = "cron(61 6 * * ? *)" }

  stage "load" {
    read = bucket.data
    key  = "a.json"
  }
}
