project "demo" {
  owner = team.risk
}
