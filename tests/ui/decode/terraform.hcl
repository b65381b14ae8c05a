project "p" {}

resource "aws_s3_bucket" "data" {
  bucket = "my-data"
}

provider "aws" {
  region = "us-east-1"
}

bucket "data" {
  name       = "my-data"
  count      = 2
  depends_on = [channel.oncall]
}

channel "oncall" {
  email = "oncall@example.com"
}

#> unknown-block
#>
#>   x there is no block `resource`
#>    ,-[terraform.hcl:3:1]
#>  2 |
#>  3 | resource "aws_s3_bucket" "data" {
#>    : ^^^^^^^^
#>  4 |   bucket = "my-data"
#>    `----
#>   help: what is built is said by blocks such as `service`, `workflow` and `alert`
#>
#> unknown-block
#>
#>   x there is no block `provider`
#>    ,-[terraform.hcl:7:1]
#>  6 |
#>  7 | provider "aws" {
#>    : ^^^^^^^^
#>  8 |   region = "us-east-1"
#>    `----
#>   help: where everything runs is said by `platform`
#>
#> unknown-attribute
#>
#>   x `bucket` has no attribute `count`
#>     ,-[terraform.hcl:13:3]
#>  12 |   name       = "my-data"
#>  13 |   count      = 2
#>     :   ^^^^^
#>  14 |   depends_on = [channel.oncall]
#>     `----
#>   help: for several blocks of a kind there is `for_each`
#>
#> unknown-attribute
#>
#>   x `bucket` has no attribute `depends_on`
#>     ,-[terraform.hcl:14:3]
#>  13 |   count      = 2
#>  14 |   depends_on = [channel.oncall]
#>     :   ^^^^^^^^^^
#>  15 | }
#>     `----
#>   help: the order follows from what refers to what
#>
#> 4 errors
