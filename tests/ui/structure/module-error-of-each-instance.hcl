project "p" {}

platform "aws" {
  account    = "123456789012"
  region     = "us-east-1"
  cluster    = "main"
  namespace  = "risk"
  kubernetes = "1.34"
}

module "tenant" {
  for_each = ["acme", "globex"]
  source   = "./modules/metered"
}

#> undefined-reference
#>
#>   x `workflow.keep` has no measurement `duration.p95`
#>     ,-[modules/metered/main.hcl:13:35]
#>  12 | alert "slow" {
#>  13 |   when   = workflow.keep.duration.p95 > "10m"
#>     :                                   ^|^
#>     :                                    `-- `workflow.keep` is module.tenant["acme"].workflow.keep
#>  14 |   for    = "5m"
#>     `----
#>   help: did you mean `p90`?
#>
#> Advice:
#>   > see `module-error-of-each-instance.hcl`
#>     ,-[module-error-of-each-instance.hcl:11:1]
#>  10 |
#>  11 | module "tenant" {
#>     : ^^^^^^^|^^^^^^^
#>     :        `-- in `module.tenant["acme"]`, used here
#>  12 |   for_each = ["acme", "globex"]
#>     `----
#>
#> 1 error
