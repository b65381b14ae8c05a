project "demo" {}

bucket "a" {
  name = "one"
}
