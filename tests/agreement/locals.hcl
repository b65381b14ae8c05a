# What the expressions of this folder may refer to.
locals {
  list    = [1, 2, 3]
  names   = ["web", "api", "db"]
  empty   = []
  object  = { b = 2, a = 1 }
  nested  = { service = { name = "risk", ports = [80, 443] }, tags = { team = "ml", tier = "1" } }
  rows    = [{ id = "x", at = [1] }, { id = "y", at = [2, 3] }]
  nothing = null
  text    = "hello"
  ports   = { http = 80, https = 443 }
  greet   = "hi $${name}!"
  lines   = "%%{ for x in xs ~}\n  - $${x}\n%%{ endfor ~}\nend\n"
}
