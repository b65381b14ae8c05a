project "demo" {}

locals {
  list   = [1, 2]
  object = { min = 1, max = 3 }
  a      = local.list[2]
  b      = local.object.mim
  c      = local.list.first
  d      = local.object["max "]
}
