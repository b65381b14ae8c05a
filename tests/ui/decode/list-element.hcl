project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

channel "oncall" {
  email = "oncall@example.com"
}

workflow "assess" {
  stage "load" {
    read = bucket.data
    key  = "a.json"
  }
}

alert "bad" {
  when   = workflow.assess.failures.count > 0
  notify = [channel.oncall, "mail"]
}

#> wrong-type
#>
#>   x `notify` takes a channel, as in `channel.NAME`, and this is a string
#>     ,-[list-element.hcl:26:29]
#>  25 |   when   = workflow.assess.failures.count > 0
#>  26 |   notify = [channel.oncall, "mail"]
#>     :                             ^^^^^^
#>  27 | }
#>     `----
#>   help: write `channel.mail`, without quotes
#>
#> 1 error
