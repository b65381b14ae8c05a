project "demo" {
  owner = input.team
}
