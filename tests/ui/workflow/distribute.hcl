project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

workflow "assess" {
  stage "nothing" {
    value = item
    distribute {
      tolerate = "5%"
    }
  }
  stage "two" {
    value = item
    distribute {
      objects = bucket.data
      rows    = bucket.data
    }
  }
  stage "objects" {
    value = item.name
    distribute {
      objects = bucket.data
      prefix  = 5
      key     = "a.csv"
      format  = "csv"
    }
  }
  stage "rows" {
    value = item
    distribute {
      rows           = bucket.data
      prefix         = "a/"
      results_prefix = "b/"
    }
  }
}

workflow "format" {
  stage "format" {
    value = item
    distribute {
      rows   = bucket.data
      key    = "a.csv"
      format = "tsv"
    }
  }
}

workflow "items" {
  stage "columns" {
    value = item.amount + 1
    distribute {
      rows   = bucket.data
      key    = "a.csv"
      format = "csv"
    }
  }
  stage "batch" {
    value = item.key
    distribute {
      objects  = bucket.data
      batch    = 10
      tolerate = "200%"
    }
  }
  stage "elsewhere" {
    value = item.key
    distribute {
      objects = bucket.data
      results = bucket.data
    }
  }
  output = stage.elsewhere.value
}

#> missing-attribute
#>
#>   x this `distribute` goes over nothing
#>     ,-[distribute.hcl:16:5]
#>  15 |     value = item
#>  16 |     distribute {
#>     :     ^^^^^^^^^^
#>  17 |       tolerate = "5%"
#>     `----
#>   help: add `objects = bucket.NAME` for every object in it, or `rows = bucket.NAME` for every row
#>         of one
#>
#> invalid-value
#>
#>   x this `distribute` goes over both objects and rows
#>     ,-[distribute.hcl:24:17]
#>  22 |     distribute {
#>  23 |       objects = bucket.data
#>     :                 ^^^^^|^^^^^
#>     :                      `-- the first
#>  24 |       rows    = bucket.data
#>     :                 ^^^^^^^^^^^
#>  25 |     }
#>     `----
#>   help: make two stages of it
#>
#> wrong-type
#>
#>   x `prefix` must be a string, and this is a number
#>     ,-[distribute.hcl:31:17]
#>  30 |       objects = bucket.data
#>  31 |       prefix  = 5
#>     :                 ^
#>  32 |       key     = "a.csv"
#>     `----
#>   help: put it in a template: `"${…}"`
#>
#> unknown-attribute
#>
#>   x `key` means nothing without `rows`
#>     ,-[distribute.hcl:32:17]
#>  31 |       prefix  = 5
#>  32 |       key     = "a.csv"
#>     :                 ^^^^^^^
#>  33 |       format  = "csv"
#>     `----
#>   help: it belongs to `rows`; remove it
#>
#> unknown-attribute
#>
#>   x `format` means nothing without `rows`
#>     ,-[distribute.hcl:33:17]
#>  32 |       key     = "a.csv"
#>  33 |       format  = "csv"
#>     :                 ^^^^^
#>  34 |     }
#>     `----
#>   help: it belongs to `rows`; remove it
#>
#> missing-attribute
#>
#>   x this `distribute` has `rows` without `key`
#>     ,-[distribute.hcl:38:5]
#>  37 |     value = item
#>  38 |     distribute {
#>     :     ^^^^^^^^^^
#>  39 |       rows           = bucket.data
#>     `----
#>   help: add `key = "…"`, the key of the object that holds them
#>
#> missing-attribute
#>
#>   x this `distribute` has `rows` without `format`
#>     ,-[distribute.hcl:38:5]
#>  37 |     value = item
#>  38 |     distribute {
#>     :     ^^^^^^^^^^
#>  39 |       rows           = bucket.data
#>     `----
#>   help: add `format = "csv"`, or "json" or "jsonl"
#>
#> unknown-attribute
#>
#>   x `prefix` means nothing without `objects`
#>     ,-[distribute.hcl:40:24]
#>  39 |       rows           = bucket.data
#>  40 |       prefix         = "a/"
#>     :                        ^^^^
#>  41 |       results_prefix = "b/"
#>     `----
#>   help: it belongs to `objects`; remove it
#>
#> unknown-attribute
#>
#>   x `results_prefix` means nothing without `results`
#>     ,-[distribute.hcl:41:24]
#>  40 |       prefix         = "a/"
#>  41 |       results_prefix = "b/"
#>     :                        ^^^^
#>  42 |     }
#>     `----
#>   help: it belongs to `results`; remove it
#>
#> invalid-value
#>
#>   x `tsv` is no format of rows; there are "csv", "json", "jsonl"
#>     ,-[distribute.hcl:52:16]
#>  51 |       key    = "a.csv"
#>  52 |       format = "tsv"
#>     :                ^^^^^
#>  53 |     }
#>     `----
#>
#> invalid-operand
#>
#>   x `+` takes a number, and this is a string
#>     ,-[distribute.hcl:59:13]
#>  58 |   stage "columns" {
#>  59 |     value = item.amount + 1
#>     :             ^^^^^^^^^^^
#>  60 |     distribute {
#>     `----
#>   help: convert it: `tonumber(…)`
#>
#> invalid-value
#>
#>   x `200%` is more than all elements
#>     ,-[distribute.hcl:71:18]
#>  70 |       batch    = 10
#>  71 |       tolerate = "200%"
#>     :                  ^^^^^^
#>  72 |     }
#>     `----
#>   help: write the share of elements that may fail, up to "100%"
#>
#> undefined-reference
#>
#>   x `stage.elsewhere` has no field `value`
#>     ,-[distribute.hcl:81:28]
#>  80 |   }
#>  81 |   output = stage.elsewhere.value
#>     :                            ^^^^^
#>  82 | }
#>     `----
#>   help: its results are written to a bucket: read them there, with a stage of its own
#>
#> 13 errors
