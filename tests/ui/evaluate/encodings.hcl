project "demo" {}

locals {
  json    = jsondecode("{\"a\": }")
  yaml    = yamldecode("a: [1")
  two     = yamldecode("a: 1\n---\nb: 2\n")
  tag     = yamldecode("a: !secret x")
  empty   = yamldecode("# nothing\n")
  csv     = csvdecode("a,b\n1\n")
  columns = csvdecode("a,a\n1,2\n")
  base64  = base64decode("a*b")
  bytes   = base64decode("/w==")
  name    = textencodebase64("a", "EBCDIC")
  letter  = textencodebase64("€", "ISO-8859-1")
  space   = uuidv5("nope", "x")
}

#> invalid-operand
#>
#>   x `jsondecode`: this is not JSON: expected value at line 1 column 7
#>    ,-[encodings.hcl:4:24]
#>  3 | locals {
#>  4 |   json    = jsondecode("{\"a\": }")
#>    :                        ^^^^^^^^^^^
#>  5 |   yaml    = yamldecode("a: [1")
#>    `----
#>
#> invalid-operand
#>
#>   x `yamldecode`: this is not YAML: did not find expected ',' or ']' at line 2 column 1, while
#>   | parsing a flow sequence at line 1 column 4
#>    ,-[encodings.hcl:5:24]
#>  4 |   json    = jsondecode("{\"a\": }")
#>  5 |   yaml    = yamldecode("a: [1")
#>    :                        ^^^^^^^
#>  6 |   two     = yamldecode("a: 1\n---\nb: 2\n")
#>    `----
#>
#> invalid-operand
#>
#>   x `yamldecode`: there is more than one document
#>    ,-[encodings.hcl:6:24]
#>  5 |   yaml    = yamldecode("a: [1")
#>  6 |   two     = yamldecode("a: 1\n---\nb: 2\n")
#>    :                        ^^^^^^^^^^^^^^^^^^^
#>  7 |   tag     = yamldecode("a: !secret x")
#>    `----
#>
#> invalid-operand
#>
#>   x `yamldecode`: the tag `!secret` means nothing here
#>    ,-[encodings.hcl:7:24]
#>  6 |   two     = yamldecode("a: 1\n---\nb: 2\n")
#>  7 |   tag     = yamldecode("a: !secret x")
#>    :                        ^^^^^^^^^^^^^^
#>  8 |   empty   = yamldecode("# nothing\n")
#>    `----
#>
#> invalid-operand
#>
#>   x `yamldecode`: the document is empty
#>    ,-[encodings.hcl:8:24]
#>  7 |   tag     = yamldecode("a: !secret x")
#>  8 |   empty   = yamldecode("# nothing\n")
#>    :                        ^^^^^^^^^^^^^
#>  9 |   csv     = csvdecode("a,b\n1\n")
#>    `----
#>
#> invalid-operand
#>
#>   x `csvdecode`: line 2 has 1 field, and the first has 2 fields
#>     ,-[encodings.hcl:9:23]
#>   8 |   empty   = yamldecode("# nothing\n")
#>   9 |   csv     = csvdecode("a,b\n1\n")
#>     :                       ^^^^^^^^^^
#>  10 |   columns = csvdecode("a,a\n1,2\n")
#>     `----
#>
#> invalid-operand
#>
#>   x `csvdecode`: two columns have the name `a`
#>     ,-[encodings.hcl:10:23]
#>   9 |   csv     = csvdecode("a,b\n1\n")
#>  10 |   columns = csvdecode("a,a\n1,2\n")
#>     :                       ^^^^^^^^^^^^
#>  11 |   base64  = base64decode("a*b")
#>     `----
#>
#> invalid-operand
#>
#>   x `base64decode`: this is not base 64: it has the character '*'
#>     ,-[encodings.hcl:11:26]
#>  10 |   columns = csvdecode("a,a\n1,2\n")
#>  11 |   base64  = base64decode("a*b")
#>     :                          ^^^^^
#>  12 |   bytes   = base64decode("/w==")
#>     `----
#>
#> invalid-operand
#>
#>   x `base64decode`: what it holds is not UTF-8 text
#>     ,-[encodings.hcl:12:26]
#>  11 |   base64  = base64decode("a*b")
#>  12 |   bytes   = base64decode("/w==")
#>     :                          ^^^^^^
#>  13 |   name    = textencodebase64("a", "EBCDIC")
#>     `----
#>
#> invalid-operand
#>
#>   x `textencodebase64`: the encoding "EBCDIC" is not known
#>     ,-[encodings.hcl:13:35]
#>  12 |   bytes   = base64decode("/w==")
#>  13 |   name    = textencodebase64("a", "EBCDIC")
#>     :                                   ^^^^^^^^
#>  14 |   letter  = textencodebase64("€", "ISO-8859-1")
#>     `----
#>   help: known are UTF-8, UTF-16LE, UTF-16BE, ISO-8859-1 and US-ASCII
#>
#> invalid-operand
#>
#>   x `textencodebase64`: the encoding has no character `€`
#>     ,-[encodings.hcl:14:30]
#>  13 |   name    = textencodebase64("a", "EBCDIC")
#>  14 |   letter  = textencodebase64("€", "ISO-8859-1")
#>     :                              ^^^
#>  15 |   space   = uuidv5("nope", "x")
#>     `----
#>
#> invalid-operand
#>
#>   x `uuidv5`: a namespace is `dns`, `url`, `oid`, `x500` or a UUID, found "nope"
#>     ,-[encodings.hcl:15:20]
#>  14 |   letter  = textencodebase64("€", "ISO-8859-1")
#>  15 |   space   = uuidv5("nope", "x")
#>     :                    ^^^^^^
#>  16 | }
#>     `----
#>
#> 12 errors
