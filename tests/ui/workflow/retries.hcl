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
  stage "a" {
    read = bucket.data
    key  = "a.json"
    retry {
      attempts = 2
      on       = ["timeot"]
    }
  }
  stage "b" {
    read = bucket.data
    key  = "a.json"
    retry {
      attempts = 2
      on       = ["any"]
    }
    retry {
      attempts = 3
      on       = ["timeout"]
    }
  }
  stage "c" {
    read = bucket.data
    key  = "a.json"
    retry {
      attempts = 2
      on       = ["timeout", "any"]
    }
  }
  stage "d" {
    read = bucket.data
    key  = "a.json"
    retry {
      attempts = 2
      on       = ["timeout"]
    }
    retry {
      attempts = 3
      on       = ["throttled", "timeout"]
    }
  }
  stage "e" {
    read = bucket.data
    key  = "a.json"
    retry {
      attempts = 2
      on       = []
    }
    retry {
      attempts = 2
      on       = ["States.ALL"]
    }
  }
  stage "f" {
    read = bucket.data
    key  = "a.json"
    retry {
      attempts = 2
    }
    retry {
      attempts = 2
    }
  }
}
