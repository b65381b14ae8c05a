project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

alert "failed" {
  when   = workflow.assess.failures.count > 0
  for    = "1m"
  notify = [channel.oncall]
}

channel "oncall" {
  email = "oncall@example.com"
}

workflow "other" {
  stage "one" {
    value = 1
  }
}

workflow "assess" {
  input "key" {
    type    = string
    default = "a.json"
  }
  trigger {
    input = { key = event.key }
  }
  trigger {
    schedule = "rate(1 hour)"
    objects  = bucket.data
  }
  trigger {
    schedule = "rate(1 hour)"
    prefix   = "a/"
    outcome  = "any"
    input    = { key = event.key }
  }
  trigger {
    objects  = bucket.data
    timezone = "Europe/Berlin"
    input    = { key = event.size }
  }
  trigger {
    workflow = workflow.other
    outcome  = "any"
    input    = { key = event.exection }
  }
  trigger {
    alert = alert.failed
    input = { key = input.key }
  }
  stage "load" {
    read = bucket.data
    key  = event.key
  }
}

workflow "outcome" {
  trigger {
    workflow = workflow.other
    outcome  = "success"
  }
  stage "one" {
    value = 1
  }
}
