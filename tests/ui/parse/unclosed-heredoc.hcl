project "demo" {}

locals {
  text = <<EOT
never ended
}
