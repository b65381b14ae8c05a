project "p" {}

variable "tenants" {
  default   = { acme = 1 }
  sensitive = true
}

bucket "data" {
  for_each = var.tenants
  name     = "data-${each.key}"
}

#> invalid-value
#>
#>   x `for_each` takes no sensitive value
#>     ,-[for-each-sensitive.hcl:9:14]
#>   8 | bucket "data" {
#>   9 |   for_each = var.tenants
#>     :              ^^^^^^^^^^^
#>  10 |   name     = "data-${each.key}"
#>     `----
#>   help: its keys become names, which can't be hidden; take them from a value that is not sensitive
#>
#> 1 error
