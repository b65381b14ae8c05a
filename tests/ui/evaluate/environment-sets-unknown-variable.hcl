project "demo" {}

variable "registry" {
  type    = string
  default = "registry.example.com"
}

environment "prod" {
  variables = { regsitry = "other.example.com" }
}
