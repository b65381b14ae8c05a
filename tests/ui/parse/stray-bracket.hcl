project "demo" {}

bucket "a" {
  name = "one"
}
}

#> syntax
#>
#>   x this `}` closes nothing
#>    ,-[stray-bracket.hcl:6:1]
#>  5 | }
#>  6 | }
#>    : ^
#>    `----
#>
#> 1 error
