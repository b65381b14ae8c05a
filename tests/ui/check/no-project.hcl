bucket "data" {
  name = "my-bucket"
}
