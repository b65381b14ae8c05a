locals {
  team = local.unknown
  both = "${local.team} and ${local.team}"
}

project "demo" {
  owner = local.both
}
