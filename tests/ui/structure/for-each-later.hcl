project "p" {}

platform "aws" {
  account    = "123456789012"
  region     = "us-east-1"
  cluster    = "main"
  namespace  = "risk"
  kubernetes = "1.34"
}

workflow "w" {
  for_each = input.names
  input "names" {
    type = list(string)
  }
}

#> known-later
#>
#>   x what `for_each` goes over must be known when compiling
#>     ,-[for-each-later.hcl:12:14]
#>  11 | workflow "w" {
#>  12 |   for_each = input.names
#>     :              ^^|^^
#>     :                `-- known only when the workflow runs, or in the monitoring system
#>  13 |   input "names" {
#>     `----
#>   help: a workflow has an instance for every element of a list that the spec holds
#>
#> 1 error
