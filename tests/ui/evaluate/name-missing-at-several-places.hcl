# One name that is not there is one error, with all its places.
project "p" {}

channel "on_call" {
  email = "a@example.com"
}

alert "a" {
  when   = service.risk.errors.rate > 0.1
  notify = [channel.oncall]
}

alert "b" {
  when   = service.risk.errors.rate > 0.2
  notify = [channel.oncall]
}

#> undefined-reference
#>
#>   x there is no service `risk`
#>     ,-[name-missing-at-several-places.hcl:9:20]
#>   8 | alert "a" {
#>   9 |   when   = service.risk.errors.rate > 0.1
#>     :                    ^^^^
#>  10 |   notify = [channel.oncall]
#>  11 | }
#>  12 |
#>  13 | alert "b" {
#>  14 |   when   = service.risk.errors.rate > 0.2
#>     :                    ^^|^
#>     :                      `-- and here
#>  15 |   notify = [channel.oncall]
#>     `----
#>   help: declare it: `service "risk" { … }`
#>
#> undefined-reference
#>
#>   x there is no channel `oncall`
#>     ,-[name-missing-at-several-places.hcl:10:21]
#>   9 |   when   = service.risk.errors.rate > 0.1
#>  10 |   notify = [channel.oncall]
#>     :                     ^^^^^^
#>  11 | }
#>  12 |
#>  13 | alert "b" {
#>  14 |   when   = service.risk.errors.rate > 0.2
#>  15 |   notify = [channel.oncall]
#>     :                     ^^^|^^
#>     :                        `-- and here
#>  16 | }
#>     `----
#>   help: did you mean `on_call`?
#>
#> 2 errors
