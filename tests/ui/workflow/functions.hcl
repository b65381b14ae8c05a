project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

function "nowhere" {}

function "two" {
  lambda = "enrich"
  url    = "https://api.example.com/enrich"
}

function "bare" {
  url = "https://api.example.com/enrich"
}

function "lambda" {
  lambda     = "enrich"
  connection = "arn:aws:events:us-east-1:123456789012:connection/api/0a1b2c3d"
}

function "names" {
  lambda = "enrich me"
}

function "plain" {
  url        = "http://api.example.com/enrich"
  connection = "api"
}

function "typed" {
  lambda  = "enrich"
  returns = object({ score = numbr })
}
