project "demo" {}

bucket "a" {
  name = "one"
  name = "two"
}
