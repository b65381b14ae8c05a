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
  timeout = "10m"
  stage "load" {
    read    = bucket.data
    key     = "a.json"
    timeout = "1m"
    retry {
      attempts    = 5
      backoff     = "30s"
      max_backoff = "2m"
    }
  }
  stage "report" {
    write   = bucket.data
    key     = "b.json"
    body    = stage.load.body
    timeout = "2h"
  }
}
