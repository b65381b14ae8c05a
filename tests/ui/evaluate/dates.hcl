project "demo" {}

locals {
  day      = timeadd("2026-02-30T00:00:00Z", "1h")
  plain    = formatdate("YYYY", "24.11.2026")
  duration = timeadd("2026-02-28T00:00:00Z", "1 day")
  letters  = formatdate("YYYY-XX", "2026-02-28T00:00:00Z")
  quote    = formatdate("'at", "2026-02-28T00:00:00Z")
  far      = timeadd("9999-12-31T23:59:59Z", "1s")
}

#> invalid-operand
#>
#>   x `timeadd`: the string "2026-02-30T00:00:00Z" is no date
#>    ,-[dates.hcl:4:22]
#>  3 | locals {
#>  4 |   day      = timeadd("2026-02-30T00:00:00Z", "1h")
#>    :                      ^^^^^^^^^^^^^^^^^^^^^^
#>  5 |   plain    = formatdate("YYYY", "24.11.2026")
#>    `----
#>   help: a date is written as in `"2026-11-24T15:04:05Z"` (RFC 3339)
#>
#> invalid-operand
#>
#>   x `formatdate`: the string "24.11.2026" is no date
#>    ,-[dates.hcl:5:33]
#>  4 |   day      = timeadd("2026-02-30T00:00:00Z", "1h")
#>  5 |   plain    = formatdate("YYYY", "24.11.2026")
#>    :                                 ^^^^^^^^^^^^
#>  6 |   duration = timeadd("2026-02-28T00:00:00Z", "1 day")
#>    `----
#>   help: a date is written as in `"2026-11-24T15:04:05Z"` (RFC 3339)
#>
#> invalid-operand
#>
#>   x `timeadd`: the string "1 day" is no duration
#>    ,-[dates.hcl:6:46]
#>  5 |   plain    = formatdate("YYYY", "24.11.2026")
#>  6 |   duration = timeadd("2026-02-28T00:00:00Z", "1 day")
#>    :                                              ^^^^^^^
#>  7 |   letters  = formatdate("YYYY-XX", "2026-02-28T00:00:00Z")
#>    `----
#>   help: a duration is numbers with a unit `h`, `m`, `s`, `ms`, `us` or `ns`, as in `"1h30m"`
#>
#> invalid-operand
#>
#>   x `formatdate`: `XX` means nothing in a date
#>    ,-[dates.hcl:7:25]
#>  6 |   duration = timeadd("2026-02-28T00:00:00Z", "1 day")
#>  7 |   letters  = formatdate("YYYY-XX", "2026-02-28T00:00:00Z")
#>    :                         ^^^^^^^^^
#>  8 |   quote    = formatdate("'at", "2026-02-28T00:00:00Z")
#>    `----
#>   help: known are YYYY YY MMMM MMM MM M DD D EEEE EEE hh h HH H mm m ss s AA aa ZZZZZ ZZZZ ZZZ Z;
#>         text stands in single quotes
#>
#> invalid-operand
#>
#>   x `formatdate`: a single quote is not closed
#>    ,-[dates.hcl:8:25]
#>  7 |   letters  = formatdate("YYYY-XX", "2026-02-28T00:00:00Z")
#>  8 |   quote    = formatdate("'at", "2026-02-28T00:00:00Z")
#>    :                         ^^^^^
#>  9 |   far      = timeadd("9999-12-31T23:59:59Z", "1s")
#>    `----
#>
#> invalid-operand
#>
#>   x `timeadd`: the year of the result is not between 0 and 9999
#>     ,-[dates.hcl:9:46]
#>   8 |   quote    = formatdate("'at", "2026-02-28T00:00:00Z")
#>   9 |   far      = timeadd("9999-12-31T23:59:59Z", "1s")
#>     :                                              ^^^^
#>  10 | }
#>     `----
#>
#> 6 errors
