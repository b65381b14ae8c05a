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
  input "deep" {
    type = bool
  }
  stage "load" {
    when = input.deep
    read = bucket.data
    key  = "a.json"
  }
  stage "try" {
    read     = bucket.data
    key      = "b.json"
    on_error = "continue"
  }
  stage "guarded" {
    when  = stage.load != null && stage.load.body.ok
    value = stage.load.body
  }
  stage "bare" {
    value = stage.load.body
  }
  stage "either" {
    value = stage.load == null || stage.try.body
  }
  stage "both" {
    value = stage.load == null || stage.try == null ? 0 : stage.load.body.n + stage.try.body.n
  }
  stage "wrong_way" {
    value = stage.load == null ? stage.load.body : 0
  }
  stage "always" {
    value = stage.bare != null
  }
  output = { guarded = stage.guarded, n = stage.guarded.value + 1 }
}
