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

function "enrich" {
  lambda  = "enrich:live"
  returns = object({ score = number, reason = optional(string) })
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

workflow "assess" {
  stage "run" {
    run = job.report
  }
  stage "approve" {
    approve = channel.oncall
  }
  stage "call" {
    call    = function.enrich
    body    = 1
    timeout = "5s"
  }
  stage "start" {
    start   = workflow.other
    payload = 1
  }
  stage "wait" {
    wait    = "5m"
    timeout = "10m"
  }
  stage "value" {
    value = 1
    error = "Nothing"
    retry {
      attempts = 2
    }
  }
  stage "write" {
    write   = bucket.data
    key     = "a.json"
    body    = 1
    returns = string
  }
}
