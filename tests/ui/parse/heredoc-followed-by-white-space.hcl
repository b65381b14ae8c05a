project "p" {
  owner = <<EOT  
  a = [ {
  EOT
}

#> syntax
#>
#>   x white space follows the name of this heredoc
#>    ,-[heredoc-followed-by-white-space.hcl:2:16]
#>  1 | project "p" {
#>  2 |   owner = <<EOT
#>    :                ^^
#>  3 |   a = [ {
#>    `----
#>   help: remove it
#>
#> 1 error
