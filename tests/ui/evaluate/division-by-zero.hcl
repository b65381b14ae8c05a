project "demo" {}

locals {
  zero = 0
  a    = 1 / local.zero
  b    = 5 % 0
}
