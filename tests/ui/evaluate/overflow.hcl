project "demo" {}

locals {
  a = 1e308 * 10
}
