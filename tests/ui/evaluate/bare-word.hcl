project "demo" {
  owner = risk
}

#> undefined-reference
#>
#>   x there is nothing named `risk`
#>    ,-[bare-word.hcl:2:11]
#>  1 | project "demo" {
#>  2 |   owner = risk
#>    :           ^^^^
#>  3 | }
#>    `----
#>   help: a string is written in quotes: `"risk"`; a reference begins with `var`, `local`, `env`,
#>         `path`, `module`, `each`, `input`, `stage`, or a kind of block
#>
#> 1 error
