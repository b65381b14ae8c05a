project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

channel "oncall" {
  email = "oncall@example.com"
}

job "report" {
  image       = "registry.example.com/report:2.1"
  environment = { LEVEL = "info" }
  resources {
    cpu    = "500m"
    memory = "512Mi"
  }
}

workflow "other" {
  stage "one" {
    value = 1
  }
}

workflow "quick" {
  type    = "express"
  timeout = "10m"
  stage "run" {
    run     = job.report
    timeout = "1m"
  }
  stage "start" {
    start = workflow.other
  }
  stage "approve" {
    approve = channel.oncall
    message = "may I?"
    timeout = "1m"
  }
  stage "many" {
    value = item.key
    distribute {
      objects = bucket.data
    }
  }
  stage "wide" {
    for_each        = range(100)
    max_concurrency = 50
    value           = item
  }
}

workflow "waits" {
  stage "quick" {
    start = workflow.quick
  }
}

workflow "odd" {
  type = "expres"
  stage "one" {
    value = 1
  }
}
