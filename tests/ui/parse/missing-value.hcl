project "demo" {}

bucket "a" {
  name =
}
