project "demo" {
  owner = team.risk
}

#> undefined-reference
#>
#>   x there is nothing named `team`
#>    ,-[no-such-kind.hcl:2:11]
#>  1 | project "demo" {
#>  2 |   owner = team.risk
#>    :           ^^^^
#>  3 | }
#>    `----
#>   help: a string is written in quotes: `"team"`; a reference begins with `var`, `local`, `env`,
#>         `path`, `module`, `each`, `input`, `stage`, or a kind of block
#>
#> 1 error
