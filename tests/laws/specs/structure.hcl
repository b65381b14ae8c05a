# Instances, modules, variables with constraints, renames.

project "structure" {}

variable "regions" {
  type        = map(string)
  default     = { eu = "eu-central-1", us = "us-east-1" }
  description = "Where buckets are."
  nullable    = false

  validation {
    condition     = length(var.regions) > 0 && alltrue([for region in var.regions : strcontains(region, "-")])
    error_message = "a region such as ${values(var.regions)[0]} is needed in ${env.name}"
  }
}

variable "sizes" {
  type    = set(number)
  default = [1, 2]
}

variable "pair" {
  type    = tuple([string, number])
  default = ["a", 1]
}

variable "limits" {
  type      = object({ cpu = string, memory = optional(string, "512Mi") })
  default   = { cpu = "1" }
  sensitive = false
}

environment "staging" {
  variables = { sizes = [3] }
}

bucket "data" {
  for_each = var.regions
  name     = "data-${each.key}-${each.value}"
}

bucket "copy" {
  for_each = bucket.data
  name     = "copy-of-${each.value.name}"
}

module "near" {
  source = "./modules/bucket"
  region = "eu-west-1"
}

module "far" {
  for_each = toset(["a", "b"])
  source   = "./modules/bucket"
  region   = each.value
}

moved {
  from = bucket.old
  to   = bucket.data["eu"]
}

locals {
  europe  = bucket.data["eu"].uri
  all     = [for key, one in bucket.data : "${key} ${one.name}"]
  near    = module.near.bucket.uri
  far     = module.far["a"].bucket.uri
  each    = [for key, one in module.far : one.bucket.uri]
  limit   = "${var.limits.cpu} ${var.limits.memory} ${var.pair[0]}"
  sizes   = [for size in var.sizes : size * 2]
  here    = "${path.root} ${path.module}"
  nearest = try(local.missing_parts.x, coalesce(local.europe, "none"))
  missing_parts = { y = 1 }
}
