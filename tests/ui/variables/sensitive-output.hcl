project "p" {
  owner = var.team
}

variable "team" {
  default   = "risk"
  sensitive = true
}

#> sensitive-output
#>
#>   ! `owner` is sensitive, and stands in clear text in what is emitted
#>    ,-[sensitive-output.hcl:2:11]
#>  1 | project "p" {
#>  2 |   owner = var.team
#>    :           ^^^^^^^^
#>  3 | }
#>    `----
#>   help: keep secrets in a secret store; of a value that is none, say so: `nonsensitive(…)`
#>
#> 1 warning
