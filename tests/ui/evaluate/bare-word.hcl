project "demo" {
  owner = risk
}
