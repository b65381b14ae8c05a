project "p" {}

locals {
  ports = {
    http = 80
}

bucket "data" {
  name = "my-data"
  }
}

workflow "assess" {
  stage "load" {
    read = bucket.data
    key  = "a.json"
  )
}

#> syntax
#>
#>   x this `{` is never closed
#>    ,-[brackets-by-indentation.hcl:4:11]
#>  3 | locals {
#>  4 |   ports = {
#>    :           ^
#>  5 |     http = 80
#>    `----
#>
#> syntax
#>
#>   x this `}` closes nothing
#>     ,-[brackets-by-indentation.hcl:10:3]
#>   9 |   name = "my-data"
#>  10 |   }
#>     :   ^
#>  11 | }
#>     `----
#>
#> syntax
#>
#>   x expected `}`, found `)`
#>     ,-[brackets-by-indentation.hcl:17:3]
#>  13 | workflow "assess" {
#>  14 |   stage "load" {
#>     :                |
#>     :                `-- opened here
#>  15 |     read = bucket.data
#>  16 |     key  = "a.json"
#>  17 |   )
#>     :   ^
#>  18 | }
#>     `----
#>
#> 3 errors
