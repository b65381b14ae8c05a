project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

function "enrich" {
  lambda  = "enrich:live"
  returns = object({ score = number, reason = optional(string) })
}

workflow "assess" {
  stage "enrich" {
    call    = function.enrich
    payload = { id = 1 }
  }
  output = {
    a = stage.enrich.result.scor
    b = "because of ${stage.enrich.result.reason}"
    c = stage.enrich.result.score == "high"
    d = upper(stage.enrich.result.reason)
    e = coalesce(stage.enrich.result.reason, "none")
  }
}
