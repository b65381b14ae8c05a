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

#> undefined-reference
#>
#>   x `row` has no field `nam`
#>     ,-[loops.hcl:20:38]
#>  19 |   output = {
#>  20 |     a = [for row in input.rows : row.nam]
#>     :                                      ^^^
#>  21 |     b = [for row in input.rows : row.name + 1]
#>     `----
#>   help: did you mean `name`?
#>
#> invalid-operand
#>
#>   x `+` takes a number, and this is a string
#>     ,-[loops.hcl:21:34]
#>  20 |     a = [for row in input.rows : row.nam]
#>  21 |     b = [for row in input.rows : row.name + 1]
#>     :                                  ^^^^^^^^
#>  22 |     c = [for row in input.rows : row.name if row.size]
#>     `----
#>   help: convert it: `tonumber(…)`
#>
#> wrong-type
#>
#>   x `if` must be a bool, and this is a number
#>     ,-[loops.hcl:22:46]
#>  21 |     b = [for row in input.rows : row.name + 1]
#>  22 |     c = [for row in input.rows : row.name if row.size]
#>     :                                              ^^^^^^^^
#>  23 |     d = [for n in input.count : n]
#>     `----
#>   help: compare it, as in `… > 0.5`
#>
#> invalid-operand
#>
#>   x a `for` goes over a list or an object, and this is a number
#>     ,-[loops.hcl:23:19]
#>  22 |     c = [for row in input.rows : row.name if row.size]
#>  23 |     d = [for n in input.count : n]
#>     :                   ^^^^^^^^^^^
#>  24 |     e = { for row in input.rows : row.tags => row.name }
#>     `----
#>
#> invalid-operand
#>
#>   x a key can't be a list(string)
#>     ,-[loops.hcl:24:35]
#>  23 |     d = [for n in input.count : n]
#>  24 |     e = { for row in input.rows : row.tags => row.name }
#>     :                                   ^^^^^^^^
#>  25 |     f = [for row in input.rows : [for tag in row.tags : "${tag}: ${row.tags}"]]
#>     `----
#>   help: write it as JSON: `jsonencode(…)`
#>
#> invalid-operand
#>
#>   x a template can't hold a list(string)
#>     ,-[loops.hcl:25:68]
#>  24 |     e = { for row in input.rows : row.tags => row.name }
#>  25 |     f = [for row in input.rows : [for tag in row.tags : "${tag}: ${row.tags}"]]
#>     :                                                                    ^^^^^^^^
#>  26 |     g = input.rows[*].tags[*].name
#>     `----
#>   help: write it as JSON: `jsonencode(…)`
#>
#> invalid-operand
#>
#>   x a string has no field `name`
#>     ,-[loops.hcl:26:31]
#>  25 |     f = [for row in input.rows : [for tag in row.tags : "${tag}: ${row.tags}"]]
#>  26 |     g = input.rows[*].tags[*].name
#>     :                               ^^^^
#>  27 |     h = [for i, row in input.rows : i + row.size][0].x
#>     `----
#>
#> invalid-operand
#>
#>   x a number has no field `x`
#>     ,-[loops.hcl:27:54]
#>  26 |     g = input.rows[*].tags[*].name
#>  27 |     h = [for i, row in input.rows : i + row.size][0].x
#>     :                                                      ^
#>  28 |   }
#>     `----
#>
#> 8 errors
