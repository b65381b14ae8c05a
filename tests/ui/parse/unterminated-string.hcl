project "demo" {}

bucket "a" {
  name = "one
}

bucket "b" {
  name = "two"
}
