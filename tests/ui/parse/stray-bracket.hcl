project "demo" {}

bucket "a" {
  name = "one"
}
}
