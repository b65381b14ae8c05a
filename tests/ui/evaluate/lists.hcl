project "demo" {}

locals {
  list    = ["a", "b"]
  element = element([], 0)
  index   = index(local.list, "c")
  one     = one(local.list)
  slice   = slice(local.list, 1, 3)
  back    = slice(local.list, 2, 1)
  chunks  = chunklist(local.list, -1)
  keys    = zipmap(local.list, [1])
  match   = matchkeys(local.list, ["x"], ["x"])
  mixed   = toset([1, true])
  values  = tomap({ a = 1, b = [] })
  spread  = concat(local.list, toset(local.list))
  first   = toset(local.list)[0]
  lookup  = lookup({ team = "ml" }, "taem")
  empty   = coalesce(null, "")
  sum     = sum([])
  step    = range(1, 5, 0)
  size    = setproduct(range(1000), range(1001))
  part    = slice(local.list, 0.5, 1)
}

#> invalid-operand
#>
#>   x `element`: the list is empty
#>    ,-[lists.hcl:5:21]
#>  4 |   list    = ["a", "b"]
#>  5 |   element = element([], 0)
#>    :                     ^^
#>  6 |   index   = index(local.list, "c")
#>    `----
#>
#> invalid-operand
#>
#>   x `index`: the list has no such element
#>    ,-[lists.hcl:6:31]
#>  5 |   element = element([], 0)
#>  6 |   index   = index(local.list, "c")
#>    :                               ^^^
#>  7 |   one     = one(local.list)
#>    `----
#>
#> invalid-operand
#>
#>   x `one`: the list has 2 elements, and may have one
#>    ,-[lists.hcl:7:17]
#>  6 |   index   = index(local.list, "c")
#>  7 |   one     = one(local.list)
#>    :                 ^^^^^^^^^^
#>  8 |   slice   = slice(local.list, 1, 3)
#>    `----
#>
#> invalid-operand
#>
#>   x `slice`: the list has 2 elements, so it cannot end at 3
#>    ,-[lists.hcl:8:34]
#>  7 |   one     = one(local.list)
#>  8 |   slice   = slice(local.list, 1, 3)
#>    :                                  ^
#>  9 |   back    = slice(local.list, 2, 1)
#>    `----
#>
#> invalid-operand
#>
#>   x `slice`: it cannot start at 2 and end at 1
#>     ,-[lists.hcl:9:31]
#>   8 |   slice   = slice(local.list, 1, 3)
#>   9 |   back    = slice(local.list, 2, 1)
#>     :                               ^
#>  10 |   chunks  = chunklist(local.list, -1)
#>     `----
#>
#> invalid-operand
#>
#>   x `chunklist`: a whole number from 0 is needed, found -1
#>     ,-[lists.hcl:10:35]
#>   9 |   back    = slice(local.list, 2, 1)
#>  10 |   chunks  = chunklist(local.list, -1)
#>     :                                   ^^
#>  11 |   keys    = zipmap(local.list, [1])
#>     `----
#>
#> invalid-operand
#>
#>   x `zipmap`: found 2 keys for 1 value
#>     ,-[lists.hcl:11:13]
#>  10 |   chunks  = chunklist(local.list, -1)
#>  11 |   keys    = zipmap(local.list, [1])
#>     :             ^^^^^^^^^^^^^^^^^^^^^^^
#>  12 |   match   = matchkeys(local.list, ["x"], ["x"])
#>     `----
#>
#> invalid-operand
#>
#>   x `matchkeys`: found 1 key for 2 values
#>     ,-[lists.hcl:12:35]
#>  11 |   keys    = zipmap(local.list, [1])
#>  12 |   match   = matchkeys(local.list, ["x"], ["x"])
#>     :                                   ^^^^^
#>  13 |   mixed   = toset([1, true])
#>     `----
#>
#> invalid-operand
#>
#>   x `toset`: the elements have no type in common
#>     ,-[lists.hcl:13:19]
#>  12 |   match   = matchkeys(local.list, ["x"], ["x"])
#>  13 |   mixed   = toset([1, true])
#>     :                   ^^^^^^^^^
#>  14 |   values  = tomap({ a = 1, b = [] })
#>     `----
#>
#> invalid-operand
#>
#>   x `tomap`: its values have no type in common
#>     ,-[lists.hcl:14:19]
#>  13 |   mixed   = toset([1, true])
#>  14 |   values  = tomap({ a = 1, b = [] })
#>     :                   ^^^^^^^^^^^^^^^^^
#>  15 |   spread  = concat(local.list, toset(local.list))
#>     `----
#>
#> invalid-operand
#>
#>   x `concat`: a set has no order
#>     ,-[lists.hcl:15:32]
#>  14 |   values  = tomap({ a = 1, b = [] })
#>  15 |   spread  = concat(local.list, toset(local.list))
#>     :                                ^^^^^^^^^^^^^^^^^
#>  16 |   first   = toset(local.list)[0]
#>     `----
#>   help: write `tolist(…)` to add its elements to a list, or `setunion`
#>
#> invalid-operand
#>
#>   x a set has no order, and so no indexes
#>     ,-[lists.hcl:16:31]
#>  15 |   spread  = concat(local.list, toset(local.list))
#>  16 |   first   = toset(local.list)[0]
#>     :                               ^
#>  17 |   lookup  = lookup({ team = "ml" }, "taem")
#>     `----
#>   help: take the element of a list, as in `tolist(set)[0]`; `one(set)` takes the only one
#>
#> unknown-attribute
#>
#>   x the object has no attribute `taem`
#>     ,-[lists.hcl:17:37]
#>  16 |   first   = toset(local.list)[0]
#>  17 |   lookup  = lookup({ team = "ml" }, "taem")
#>     :                                     ^^^^^^
#>  18 |   empty   = coalesce(null, "")
#>     `----
#>   help: did you mean `team`?
#>
#> invalid-operand
#>
#>   x `coalesce`: every value is null or an empty string
#>     ,-[lists.hcl:18:13]
#>  17 |   lookup  = lookup({ team = "ml" }, "taem")
#>  18 |   empty   = coalesce(null, "")
#>     :             ^^^^^^^^^^^^^^^^^^
#>  19 |   sum     = sum([])
#>     `----
#>
#> invalid-operand
#>
#>   x `sum`: the list is empty, and has no sum
#>     ,-[lists.hcl:19:17]
#>  18 |   empty   = coalesce(null, "")
#>  19 |   sum     = sum([])
#>     :                 ^^
#>  20 |   step    = range(1, 5, 0)
#>     `----
#>
#> invalid-operand
#>
#>   x `range`: the step is zero
#>     ,-[lists.hcl:20:25]
#>  19 |   sum     = sum([])
#>  20 |   step    = range(1, 5, 0)
#>     :                         ^
#>  21 |   size    = setproduct(range(1000), range(1001))
#>     `----
#>
#> limit
#>
#>   x `setproduct` would make a list of more than 1000000 elements
#>     ,-[lists.hcl:21:13]
#>  20 |   step    = range(1, 5, 0)
#>  21 |   size    = setproduct(range(1000), range(1001))
#>     :             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  22 |   part    = slice(local.list, 0.5, 1)
#>     `----
#>
#> invalid-operand
#>
#>   x `slice`: a whole number is needed, found 0.5
#>     ,-[lists.hcl:22:31]
#>  21 |   size    = setproduct(range(1000), range(1001))
#>  22 |   part    = slice(local.list, 0.5, 1)
#>     :                               ^^^
#>  23 | }
#>     `----
#>
#> 18 errors
