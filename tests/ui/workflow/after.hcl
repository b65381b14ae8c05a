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
