# Only the first heredoc is told: the second begins inside of it.
project "p" {}

locals {
  a = <<-EOT
    text
}

locals {
  b = <<-EOF
    text
}

#> syntax
#>
#>   x this heredoc is never closed
#>    ,-[two-heredocs-unclosed.hcl:5:7]
#>  4 | locals {
#>  5 |   a = <<-EOT
#>    :       ^^^^^^
#>  6 |     text
#>    `----
#>   help: write `EOT` on a line of its own after the text
#>
#> 1 error
