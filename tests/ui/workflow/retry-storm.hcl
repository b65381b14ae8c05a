project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

job "report" {
  image       = "registry.example.com/report:2.1"
  environment = { LEVEL = "info" }
  resources {
    cpu    = "500m"
    memory = "512Mi"
  }
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
    run     = job.report
    timeout = "2h"
  }
}
