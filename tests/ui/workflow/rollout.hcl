project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

channel "oncall" {
  email = "oncall@example.com"
}

alert "failed" {
  when   = workflow.assess.failures.count > 0
  for    = "1m"
  notify = [channel.oncall]
}

workflow "assess" {
  rollout "canary" {
    percent  = "100%"
    interval = "90s"
    abort_on = [alert.failed, alert.failed]
  }
  stage "one" {
    value = 1
  }
}

workflow "other" {
  rollout "blue" {}
  stage "one" {
    value = 1
  }
}
