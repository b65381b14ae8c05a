project "demo" {}

bucket "data" {
  name = "my-bucket"
}

bucket "data" {
  name = "other-bucket"
}
