project "demo" {}

buckets "data" {
  name = "my-bucket"
}

queue "q" {}
