project "demo" {}

environment "staging" {}

environment "prod" {}
