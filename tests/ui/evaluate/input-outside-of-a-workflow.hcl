project "demo" {
  owner = input.team
}

#> undefined-reference
#>
#>   x `input` exists only inside a workflow
#>    ,-[input-outside-of-a-workflow.hcl:2:11]
#>  1 | project "demo" {
#>  2 |   owner = input.team
#>    :           ^^^^^
#>  3 | }
#>    `----
#>   help: its value is known when the workflow runs; move the expression into a `workflow` block
#>
#> 1 error
