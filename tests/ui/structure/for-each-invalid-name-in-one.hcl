project "p" {}

bucket "data" {
  for_each = { eu = "data", us = "Data!" }
  name     = each.value
}

#> invalid-value
#>
#>   x `Data!` is not the name of an S3 bucket: it has 3 to 63 lower-case letters, digits, `.` and
#>   | `-`, and is no IP address
#>    ,-[for-each-invalid-name-in-one.hcl:5:14]
#>  4 |   for_each = { eu = "data", us = "Data!" }
#>  5 |   name     = each.value
#>    :              ^^^^^^^^^^
#>  6 | }
#>    `----
#>
#> 1 error
