variable "registry" {
  type    = string
  default = "registry.example.com"
}

project "demo" {
  owner = var.regsitry
}
