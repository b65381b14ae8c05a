project "demo" {}

locals {
  a = 1 + "one"
  b = !"perhaps"
  c = [1] > 2
  d = "x${[1]}"
  e = null + 1
}
