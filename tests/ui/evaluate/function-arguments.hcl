project "demo" {}

locals {
  a = upper()
  b = upper("x", "y")
  c = length(5)
}
