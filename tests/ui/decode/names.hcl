project "Demo Project" {
  owner = "Risk Platform"
}

platform "azure" {
  account    = "1234"
  region     = "useast1"
  cluster    = "main"
  kubernetes = "1.99"
}

bucket "data" {
  name = "My_Bucket"
}

channel "oncall" {
  email = "oncall"
}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
}

service "risk" {
  model = model.risk
  image = "registry.example.com/Risk:"
  resources {
    cpu    = "500m"
    memory = "128Mi"
  }
  expose {
    host = "https://risk.example.com/x"
  }
}

#> invalid-value
#>
#>   x `Demo Project` is not a project name: use at most 32 lower-case letters, digits and `-`,
#>   | beginning with a letter
#>    ,-[names.hcl:1:9]
#>  1 | project "Demo Project" {
#>    :         ^^^^^^^^^^^^^^
#>  2 |   owner = "Risk Platform"
#>    `----
#>
#> invalid-value
#>
#>   x `Risk Platform` is not an RFC 1123 label: use at most 63 lower-case letters, digits and `-`,
#>   | with none of the latter at the ends
#>    ,-[names.hcl:2:11]
#>  1 | project "Demo Project" {
#>  2 |   owner = "Risk Platform"
#>    :           ^^^^^^^^^^^^^^^
#>  3 | }
#>    `----
#>
#> invalid-value
#>
#>   x `azure` is not a platform; there is `aws`
#>    ,-[names.hcl:5:10]
#>  4 |
#>  5 | platform "azure" {
#>    :          ^^^^^^^
#>  6 |   account    = "1234"
#>    `----
#>
#> invalid-value
#>
#>   x `1234` is not an AWS account: it has twelve digits
#>    ,-[names.hcl:6:16]
#>  5 | platform "azure" {
#>  6 |   account    = "1234"
#>    :                ^^^^^^
#>  7 |   region     = "useast1"
#>    `----
#>
#> invalid-value
#>
#>   x `useast1` is not an AWS region; one looks like `us-east-1`
#>    ,-[names.hcl:7:16]
#>  6 |   account    = "1234"
#>  7 |   region     = "useast1"
#>    :                ^^^^^^^^^
#>  8 |   cluster    = "main"
#>    `----
#>
#> invalid-value
#>
#>   x Kubernetes `1.99` is not supported: use "1.33" to "1.37"
#>     ,-[names.hcl:9:16]
#>   8 |   cluster    = "main"
#>   9 |   kubernetes = "1.99"
#>     :                ^^^^^^
#>  10 | }
#>     `----
#>
#> invalid-value
#>
#>   x `My_Bucket` is not the name of an S3 bucket: it has 3 to 63 lower-case letters, digits, `.`
#>   | and `-`, and is no IP address
#>     ,-[names.hcl:13:10]
#>  12 | bucket "data" {
#>  13 |   name = "My_Bucket"
#>     :          ^^^^^^^^^^^
#>  14 | }
#>     `----
#>
#> invalid-value
#>
#>   x `oncall` is not a mail address
#>     ,-[names.hcl:17:11]
#>  16 | channel "oncall" {
#>  17 |   email = "oncall"
#>     :           ^^^^^^^^
#>  18 | }
#>     `----
#>
#> invalid-value
#>
#>   x `registry.example.com/Risk:` is not an image name: it has lower-case letters, digits, `.`, `_`
#>   | and `-`, with `/` between its parts
#>     ,-[names.hcl:27:11]
#>  26 |   model = model.risk
#>  27 |   image = "registry.example.com/Risk:"
#>     :           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  28 |   resources {
#>     `----
#>
#> invalid-value
#>
#>   x `https://risk.example.com/x` is not a DNS name; write one such as `risk.example.com`, without
#>   | a scheme or path
#>     ,-[names.hcl:33:12]
#>  32 |   expose {
#>  33 |     host = "https://risk.example.com/x"
#>     :            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  34 |   }
#>     `----
#>
#> 10 errors
