project "demo" {}

project "other" {}
