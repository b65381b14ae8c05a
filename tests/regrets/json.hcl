# This is JSON. The help should say how the same is written here.
{
  "project": { "p": {} }
}

#> syntax
#>
#>   x expected an attribute or a block, found `{`
#>    ,-[json.hcl:2:1]
#>  1 | # This is JSON. The help should say how the same is written here.
#>  2 | {
#>    : ^
#>  3 |   "project": { "p": {} }
#>    `----
#>
#> 1 error
