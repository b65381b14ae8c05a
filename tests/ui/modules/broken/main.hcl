variable "owner" {
  type = string
}

project "inner" {}

bucket "data" {
  name = "${var.owner}-${local.suffix}"
}

bucket "log" {
  nam = "log"
}
