project "p" {}

variable "bucket" {
  default   = "Not A Bucket"
  sensitive = true
}

bucket "data" {
  name = var.bucket
}

#> invalid-value
#>
#>   x `(sensitive value)` is not the name of an S3 bucket: it has 3 to 63 lower-case letters,
#>   | digits, `.` and `-`, and is no IP address
#>     ,-[sensitive-value-refused.hcl:9:10]
#>   8 | bucket "data" {
#>   9 |   name = var.bucket
#>     :          ^^^^^^^^^^
#>  10 | }
#>     `----
#>
#> 1 error
