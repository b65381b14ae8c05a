project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

model "risk" {
  version "1" { file = "models/linear.onnx" }
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
    inputs = { x = [[1, 2, 3, 4]] }
  }
  output = { y = stage.score.outputs.yy[0][0], z = stage.score.output, last = stage.score.outputs.y[0][1] }
}

#> undefined-reference
#>
#>   x `stage.score.outputs` has no field `yy`
#>     ,-[output-that-is-not-there.hcl:35:38]
#>  34 |   }
#>  35 |   output = { y = stage.score.outputs.yy[0][0], z = stage.score.output, last = stage.score.outputs.y[0][1] }
#>     :                                      ^^
#>  36 | }
#>     `----
#>   help: did you mean `y`?
#>
#> Advice:
#>   > see `models/linear.onnx`
#>    ,-[models/linear.onnx:2:1]
#>  1 | input  x: FP32[N, 4]
#>  2 | output y: FP32[N, 1]
#>    : ^^^^^^^^^^|^^^^^^^^^
#>    :           `-- the model's outputs
#>    `----
#>
#> undefined-reference
#>
#>   x `stage.score` has no field `output`
#>     ,-[output-that-is-not-there.hcl:35:64]
#>  34 |   }
#>  35 |   output = { y = stage.score.outputs.yy[0][0], z = stage.score.output, last = stage.score.outputs.y[0][1] }
#>     :                                                                ^^^^^^
#>  36 | }
#>     `----
#>   help: did you mean `outputs`?
#>
#> invalid-operand
#>
#>   x there is no element 1
#>     ,-[output-that-is-not-there.hcl:35:104]
#>  34 |   }
#>  35 |   output = { y = stage.score.outputs.yy[0][0], z = stage.score.output, last = stage.score.outputs.y[0][1] }
#>     :                                                                                                        ^
#>  36 | }
#>     `----
#>   help: the last element has the index 0
#>
#> 3 errors
