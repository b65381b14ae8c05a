project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

workflow "assess" {
  input "rows" {
    type = list(object({ name = string, size = number, tags = list(string) }))
  }
  input "count" {
    type = number
  }
  stage "one" {
    value = 1
  }
  output = {
    a = [for row in input.rows : row.nam]
    b = [for row in input.rows : row.name + 1]
    c = [for row in input.rows : row.name if row.size]
    d = [for n in input.count : n]
    e = { for row in input.rows : row.tags => row.name }
    f = [for row in input.rows : [for tag in row.tags : "${tag}: ${row.tags}"]]
    g = input.rows[*].tags[*].name
    h = [for i, row in input.rows : i + row.size][0].x
  }
}
