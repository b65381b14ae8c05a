project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

job "report" {
  image       = "registry.example.com/report:2.1"
  environment = { LEVEL = "info" }
  resources {
    cpu    = "500m"
    memory = "512Mi"
  }
}

job "loose" {
  image       = "registry.example.com/loose"
  environment = { "1ST" = "a" }
  resources {
    cpu    = "500m"
    memory = "512Mi"
  }
}

workflow "assess" {
  input "count" {
    type = number
  }
  stage "run" {
    run         = job.report
    arguments   = ["--count", input.count]
    environment = { LEVEL = "debug", "a-b" = "c", COUNT = input.count }
    timeout     = "10m"
  }
}
