variable "registry" {
  type = string
}

project "demo" {
  owner = var.registry
}
