project "demo" {}

platform "aws" {
  account = "123456789012"
}
