project "demo" {}

locals {
  a = [1, 2)
}
