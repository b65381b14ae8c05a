project "demo" {}

locals {
  text = <<EOT
never ended
}

#> syntax
#>
#>   x this heredoc is never closed
#>    ,-[unclosed-heredoc.hcl:4:10]
#>  3 | locals {
#>  4 |   text = <<EOT
#>    :          ^^^^^
#>  5 | never ended
#>    `----
#>   help: write `EOT` on a line of its own after the text
#>
#> 1 error
