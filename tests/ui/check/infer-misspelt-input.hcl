project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "risk" {
  version "1" { file = "models/two-inputs.onnx" }
  serve = "1"
}

service "risk" {
  model = model.risk
  image = "registry.example.com/risk"
  resources {
    cpu    = "500m"
    memory = "128Mi"
  }
  expose {
    host = "risk.example.com"
  }
}

workflow "assess" {
  stage "score" {
    infer  = service.risk
    inputs = { a = [[1, 2, 3]], idz = [1] }
  }
}

#> model-mismatch
#>
#>   x the model `risk` has no input `idz`
#>     ,-[infer-misspelt-input.hcl:29:33]
#>  28 |     infer  = service.risk
#>  29 |     inputs = { a = [[1, 2, 3]], idz = [1] }
#>     :                                 ^^^
#>  30 |   }
#>     `----
#>   help: did you mean `ids`?
#>
#> Advice:
#>   > see `models/two-inputs.onnx`
#>    ,-[models/two-inputs.onnx:1:1]
#>  1 | ,-> input  a: FP32[N, 3]
#>  2 | |-> input  ids: INT64[N]
#>    : `---- the model's inputs
#>  3 |     output s: FP32[N, 3]
#>    `----
#>
#> 1 error
