bucket "a" {
  for_each = bucket.b
  name     = each.value.name
}
bucket "b" {
  for_each = bucket.a
  name     = each.value.name
}
