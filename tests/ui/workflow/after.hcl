project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

workflow "names" {
  stage "load" {
    after = [stage.lod]
    read  = bucket.data
    key   = "a.json"
  }
}

workflow "assess" {
  stage "load" {
    read = bucket.data
    key  = "a.json"
  }
  stage "save" {
    after = stage.load
    write = bucket.data
    key   = "b.json"
    body  = 1
  }
  stage "tell" {
    after = [bucket.data]
    value = 1
  }
}

#> undefined-reference
#>
#>   x the workflow `names` has no stage `lod`
#>     ,-[after.hcl:15:20]
#>  14 |   stage "load" {
#>  15 |     after = [stage.lod]
#>     :                    ^^^
#>  16 |     read  = bucket.data
#>     `----
#>   help: did you mean `load`?
#>
#> invalid-value
#>
#>   x `after` must be a list of stages: write `[stage.load]`
#>     ,-[after.hcl:27:13]
#>  26 |   stage "save" {
#>  27 |     after = stage.load
#>     :             ^^^^^^^^^^
#>  28 |     write = bucket.data
#>     `----
#>
#> wrong-type
#>
#>   x `after` takes a stage, as in `stage.NAME`, and this is a reference to a block
#>     ,-[after.hcl:33:14]
#>  32 |   stage "tell" {
#>  33 |     after = [bucket.data]
#>     :              ^^^^^^^^^^^
#>  34 |     value = 1
#>     `----
#>
#> 3 errors
