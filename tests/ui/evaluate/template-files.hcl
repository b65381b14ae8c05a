project "demo" {}

locals {
  letter  = templatefile("templates/letter.tftpl", { name = "Ada", items = [{ name = "tea" }] })
  again   = templatefile("templates/letter.tftpl", { nam = "Ada", items = [{ name = "tea" }] })
  broken  = templatefile("templates/broken.tftpl", {})
  twice   = templatefile("templates/broken.tftpl", {})
  outer   = templatefile("templates/outer.tftpl", {})
  missing = templatefile("templates/none.tftpl", {})
  list    = templatefile("templates/letter.tftpl", ["Ada"])
  text    = templatestring("a $${b}", { a = 1 })
}

#> invalid-operand
#>
#>   x `templatefile`: cannot read `templates/none.tftpl`: there is no such file
#>     ,-[template-files.hcl:9:26]
#>   8 |   outer   = templatefile("templates/outer.tftpl", {})
#>   9 |   missing = templatefile("templates/none.tftpl", {})
#>     :                          ^^^^^^^^^^^^^^^^^^^^^^
#>  10 |   list    = templatefile("templates/letter.tftpl", ["Ada"])
#>     `----
#>
#> invalid-operand
#>
#>   x `templatefile` needs an object of variables, found a list
#>     ,-[template-files.hcl:10:52]
#>   9 |   missing = templatefile("templates/none.tftpl", {})
#>  10 |   list    = templatefile("templates/letter.tftpl", ["Ada"])
#>     :                                                    ^^^^^^^
#>  11 |   text    = templatestring("a $${b}", { a = 1 })
#>     `----
#>   help: write `{ name = value }`
#>
#> undefined-reference
#>
#>   x the template has no variable `nam`
#>    ,-[templates/letter.tftpl:1:8]
#>  1 | Dear ${nam},
#>    :        ^^^
#>  2 | %{ for item in items ~}
#>    `----
#>   help: did you mean `name`?
#>
#> Advice:
#>   > see `template-files.hcl`
#>    ,-[template-files.hcl:4:13]
#>  3 | locals {
#>  4 |   letter  = templatefile("templates/letter.tftpl", { name = "Ada", items = [{ name = "tea" }] })
#>    :             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>    :                                                       `-- the template is filled in here
#>  5 |   again   = templatefile("templates/letter.tftpl", { nam = "Ada", items = [{ name = "tea" }] })
#>    `----
#>
#> unknown-attribute
#>
#>   x the object has no attribute `nme`
#>    ,-[templates/letter.tftpl:3:11]
#>  2 | %{ for item in items ~}
#>  3 |  * ${item.nme}
#>    :           ^|^
#>    :            `-- `item` is { name = "tea" }
#>  4 | %{ endfor ~}
#>    `----
#>   help: did you mean `name`?
#>
#> Advice:
#>   > see `template-files.hcl`
#>    ,-[template-files.hcl:4:13]
#>  3 | locals {
#>  4 |   letter  = templatefile("templates/letter.tftpl", { name = "Ada", items = [{ name = "tea" }] })
#>    :             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^|
#>    :                                                       |                                         `-- it has `name`
#>    :                                                       `-- the template is filled in here
#>  5 |   again   = templatefile("templates/letter.tftpl", { nam = "Ada", items = [{ name = "tea" }] })
#>    `----
#>
#> syntax
#>
#>   x this `${` is never closed
#>    ,-[templates/broken.tftpl:1:5]
#>  1 | one ${
#>    :     ^^
#>    `----
#>   help: close it with `}`, or write `$${` for the characters themselves
#>
#> invalid-operand
#>
#>   x `templatestring` cannot be called inside a template
#>    ,-[templates/outer.tftpl:1:5]
#>  1 | a ${templatestring("x", {})} ${local.x}
#>    :     ^^^^^^^^^^^^^^^^^^^^^^^
#>    `----
#>   help: fill in the inner template outside, and give the result as a variable
#>
#> Advice:
#>   > see `template-files.hcl`
#>    ,-[template-files.hcl:8:13]
#>  7 |   twice   = templatefile("templates/broken.tftpl", {})
#>  8 |   outer   = templatefile("templates/outer.tftpl", {})
#>    :             ^^^^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^^^^^
#>    :                                 `-- the template is filled in here
#>  9 |   missing = templatefile("templates/none.tftpl", {})
#>    `----
#>
#> undefined-reference
#>
#>   x the template has no variable `local`
#>    ,-[templates/outer.tftpl:1:32]
#>  1 | a ${templatestring("x", {})} ${local.x}
#>    :                                ^^^^^
#>    `----
#>   help: give it in the object of variables
#>
#> Advice:
#>   > see `template-files.hcl`
#>    ,-[template-files.hcl:8:13]
#>  7 |   twice   = templatefile("templates/broken.tftpl", {})
#>  8 |   outer   = templatefile("templates/outer.tftpl", {})
#>    :             ^^^^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^^^^^
#>    :                                 `-- the template is filled in here
#>  9 |   missing = templatefile("templates/none.tftpl", {})
#>    `----
#>
#> undefined-reference
#>
#>   x the template has no variable `b`
#>    ,-[templatestring:1:5]
#>  1 | a ${b}
#>    :     ^
#>    `----
#>   help: its variables are `a`
#>
#> Advice:
#>   > see `template-files.hcl`
#>     ,-[template-files.hcl:11:13]
#>  10 |   list    = templatefile("templates/letter.tftpl", ["Ada"])
#>  11 |   text    = templatestring("a $${b}", { a = 1 })
#>     :             ^^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^^
#>     :                               `-- the template is filled in here
#>  12 | }
#>     `----
#>
#> 8 errors
