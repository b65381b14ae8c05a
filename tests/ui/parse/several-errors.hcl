project "demo" {}

bucket "a" {
  name = = "one"
}

bucket "b" {
  name = "two"
}

bucket "c" {
  name = ["three"
}

bucket "d" {
  name "four"
}
