variable "region" {
  type = string
}

bucket "data" {
  name = "data-${var.region}"
}

output "bucket" {
  value = bucket.data
}
