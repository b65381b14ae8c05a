project "demo" {
  owner = bucket.data.url
}

bucket "data" {
  name = "my-bucket"
}
