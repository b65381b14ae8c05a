# Functions, loops, templates and conditionals.

project "expressions" {}

variable "regions" {
  type    = map(object({ host = string, weight = number }))
  default = { eu = { host = "eu.example.com", weight = 3 }, us = { host = "us.example.com", weight = 1 } }
}

variable "stages" {
  type    = list(string)
  default = ["load", "score"]
}

variable "verbose" {
  type    = bool
  default = false
}

locals {
  names   = [for name, region in var.regions : upper(name) if region.weight > 0]
  hosts   = { for name, region in var.regions : name => lower(region.host) }
  longest = max([for stage in var.stages : length(stage)]...)
  joined  = join(", ", concat(local.names, keys(local.hosts)))
  weights = values(var.regions)[*].weight
  label   = format("%s-%d", replace(local.joined, ", ", "-"), local.longest)
  clean   = trimspace(local.joined) == "" ? "none" : coalesce(null, local.label)
  known   = contains(var.stages, "load") && !var.verbose
  merged  = merge(local.hosts, { other = lookup(local.hosts, "eu", "none") })
  total   = ceil(local.weights[0] / 2) + floor(abs(min(1, 2)))
  parts   = split("-", local.label)
  text    = <<-EOT
    %{for stage in var.stages~}
    stage ${upper(stage)} of ${local.joined}
    %{endfor~}
    %{if var.verbose}much%{else}little%{endif}
  EOT
  encoded = jsonencode({ hosts = local.merged, clean = local.clean, total = tostring(local.total) })
  parsed  = tonumber("12") + length(local.encoded) + length(local.text) + length(local.parts) + length(flatten([[1], [2]]))
  first   = sort(distinct(local.names))[0]
}
