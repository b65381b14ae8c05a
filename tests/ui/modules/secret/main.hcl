output "token" {
  value     = "tok-12345"
  sensitive = true
}
