project "demo" {}

locals {
  a = uper("x")
}
