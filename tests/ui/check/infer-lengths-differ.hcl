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
    inputs = { a = [[1, 2, 3]], ids = [1, 2] }
  }
  stage "again" {
    infer  = service.risk
    inputs = { a = [[1, 2, 3], [4, 5, 6]], ids = [0, 1] }
  }
  output = {
    right = stage.again.outputs.s[1][2]
    wrong = stage.again.outputs.s[2]
    short = stage.again.outputs.s[0][3]
  }
}

#> model-mismatch
#>
#>   x the dimension `N` has 1 element in `a`, and 2 in `ids`
#>     ,-[infer-lengths-differ.hcl:29:39]
#>  28 |     infer  = service.risk
#>  29 |     inputs = { a = [[1, 2, 3]], ids = [1, 2] }
#>     :                    ^^^^^|^^^^^        ^^^^^^
#>     :                         `-- `a`
#>  30 |   }
#>     `----
#>   help: give both as many elements
#>
#> Advice:
#>   > see `models/two-inputs.onnx`
#>    ,-[models/two-inputs.onnx:2:1]
#>  1 | input  a: FP32[N, 3]
#>  2 | input  ids: INT64[N]
#>    : ^^^^^^^^^^|^^^^^^^^^
#>    :           `-- the model uses the name in both
#>  3 | output s: FP32[N, 3]
#>    `----
#>
#> invalid-operand
#>
#>   x there is no element 2
#>     ,-[infer-lengths-differ.hcl:37:35]
#>  36 |     right = stage.again.outputs.s[1][2]
#>  37 |     wrong = stage.again.outputs.s[2]
#>     :                                   ^
#>  38 |     short = stage.again.outputs.s[0][3]
#>     `----
#>   help: the last element has the index 1
#>
#> invalid-operand
#>
#>   x there is no element 3
#>     ,-[infer-lengths-differ.hcl:38:38]
#>  37 |     wrong = stage.again.outputs.s[2]
#>  38 |     short = stage.again.outputs.s[0][3]
#>     :                                      ^
#>  39 |   }
#>     `----
#>   help: the last element has the index 2
#>
#> 3 errors
