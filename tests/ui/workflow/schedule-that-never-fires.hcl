project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "a" {
  trigger {
    schedule = "cron(0 6 31 2 ? *)"
  }
  trigger {
    schedule = "cron(0 6 31 APR,6,9,NOV ? *)"
  }
  trigger {
    schedule = "cron(0 6 29 FEB ? 2027)"
  }
  trigger {
    schedule = "at(2027-02-30T06:00:00)"
  }
  trigger {
    schedule = "at(tomorrow)"
  }
  stage "one" {
    value = 1
  }
}
