# One pipeline for each tenant, from one module. Tenants come and go by a line in `tenants`.

project "tenants" {
  owner = "data-platform"
}

variable "tenants" {
  description = "Who is served, by name."

  type = map(object({
    mail     = string
    schedule = optional(string, "rate(1 day)")
    slow     = optional(string, "10m")
  }))

  default = {
    acme   = { mail = "acme@example.com", schedule = "rate(1 hour)" }
    globex = { mail = "globex@example.com" }
  }

  validation {
    condition     = length(var.tenants) > 0
    error_message = "at least one tenant is needed"
  }

  validation {
    condition     = alltrue([for name, tenant in var.tenants : can(regex("^[a-z]+$", name))])
    error_message = "the name of a tenant is made of small letters"
  }
}

environment "staging" {
  variables = {
    tenants = { acme = { mail = "staging@example.com" } }
  }
}

environment "prod" {}

platform "aws" {
  account    = "123456789012"
  region     = "eu-central-1"
  cluster    = "main"
  namespace  = "tenants"
  kubernetes = "1.34"
}

# What all tenants share.
bucket "archive" {
  name = "tenants-archive-${env.name}"
}

module "pipeline" {
  for_each = var.tenants
  source   = "./modules/pipeline"

  tenant   = each.key
  mail     = each.value.mail
  schedule = each.value.schedule
  slow     = each.value.slow
  archive  = bucket.archive
}

locals {
  # An instance of a module is named by its key; its outputs are values like any other.
  inboxes = { for name, pipeline in module.pipeline : name => pipeline.inbox.uri }
}

channel "operations" {
  email = "operations@example.com"
}

alert "nightly" {
  when   = workflow.report.failures.count > 0
  for    = "5m"
  notify = [channel.operations]
}

workflow "report" {
  # Who starts it by hand may keep the morning's.
  input "name" {
    type    = string
    default = null
  }
  trigger { schedule = "cron(0 6 * * ? *)" }

  stage "save" {
    write = bucket.archive
    key   = "${coalesce(input.name, "inboxes")}.json"
    body  = { inboxes = local.inboxes, text = templatefile("report.tftpl", { inboxes = local.inboxes }) }
  }
}
