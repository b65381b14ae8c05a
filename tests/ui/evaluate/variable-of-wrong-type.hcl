variable "replicas" {
  type    = number
  default = "many"
}
project "demo" {}
