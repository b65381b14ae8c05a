project "demo" {}

model "risk" {
  serve = "1"
}
