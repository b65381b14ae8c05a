variable "regions" {
  type = list(string)
}

module "copy" {
  for_each = var.regions
  source   = "../bucket"
  region   = each.value
}

output "names" {
  value = [for copy in module.copy : copy.bucket.name]
}
