# What one tenant needs: a place to put files, and a workflow that keeps them.

variable "tenant" {
  type = string
}

variable "mail" {
  type = string
}

variable "schedule" {
  type = string
}

variable "slow" {
  type = string
}

variable "archive" {
  description = "The bucket that keeps what was read."
}

bucket "inbox" {
  name = "tenants-inbox-${var.tenant}-${env.name}"
}

channel "tenant" {
  email = var.mail
}

workflow "keep" {
  timeout = "15m"

  trigger {
    schedule = var.schedule
    input    = { file = "latest.json" }
  }

  input "file" {
    type = string
  }

  stage "load" {
    read = bucket.inbox
    key  = input.file
  }

  stage "keep" {
    write = var.archive
    key   = "${var.tenant}/${input.file}"
    body  = { tenant = var.tenant, content = stage.load.body }
  }

  output = { tenant = var.tenant }
}

alert "failed" {
  when   = workflow.keep.failures.count > 0
  for    = "5m"
  notify = [channel.tenant]
}

alert "slow" {
  when   = workflow.keep.duration.p90 > var.slow
  for    = "15m"
  notify = [channel.tenant]
}

output "inbox" {
  value = bucket.inbox
}
