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
