project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "grade" {
  version "1" { file = "models/labels.onnx" }
  serve = "1"
}

service "grade" {
  model = model.grade
  image = "registry.example.com/grade"
  resources {
    cpu    = 1
    memory = "64Mi"
  }
  expose {
    host = "grade.example.com"
  }
}

workflow "grade" {
  stage "numbers" {
    infer  = service.grade
    inputs = { colour = [[7]], x = [["red", 1]] }
  }
  stage "right" {
    infer  = service.grade
    inputs = { colour = [["red"]], x = [[0.5, 1]] }
  }
  output = { doubled = stage.right.outputs.label[0] * 2 }
}

#> model-mismatch
#>
#>   x this does not fit the model's input `colour`: its elements are BYTES, and this is a number
#>     ,-[infer-text.hcl:29:27]
#>  28 |     infer  = service.grade
#>  29 |     inputs = { colour = [[7]], x = [["red", 1]] }
#>     :                           ^
#>  30 |   }
#>     `----
#>
#> Advice:
#>   > see `models/labels.onnx`
#>    ,-[models/labels.onnx:1:1]
#>  1 | input  colour: BYTES[N, 1]
#>    : ^^^^^^^^^^^^^|^^^^^^^^^^^^
#>    :              `-- the model takes BYTES[N, 1]
#>  2 | input  x: FP32[N, 2]
#>    `----
#>
#> model-mismatch
#>
#>   x this does not fit the model's input `x`: its elements are FP32, and this is a string
#>     ,-[infer-text.hcl:29:38]
#>  28 |     infer  = service.grade
#>  29 |     inputs = { colour = [[7]], x = [["red", 1]] }
#>     :                                      ^^^^^
#>  30 |   }
#>     `----
#>
#> Advice:
#>   > see `models/labels.onnx`
#>    ,-[models/labels.onnx:2:1]
#>  1 | input  colour: BYTES[N, 1]
#>  2 | input  x: FP32[N, 2]
#>    : ^^^^^^^^^^|^^^^^^^^^
#>    :           `-- the model takes FP32[N, 2]
#>  3 | output label: BYTES[N]
#>    `----
#>
#> invalid-operand
#>
#>   x `*` takes a number, and this is a string
#>     ,-[infer-text.hcl:35:24]
#>  34 |   }
#>  35 |   output = { doubled = stage.right.outputs.label[0] * 2 }
#>     :                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  36 | }
#>     `----
#>   help: convert it: `tonumber(…)`
#>
#> 3 errors
