locals {
  team = "risk"
}

project "demo" {
  owner = local.taem
}
