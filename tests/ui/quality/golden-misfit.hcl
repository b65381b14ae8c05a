project "demo" {}

model "risk" {
  version "1" {
    file   = "models/linear.onnx"
    golden = "models/linear-misfit.golden.json"
  }
  serve = "1"
}

#> golden-invalid
#>
#>   x input `x` of golden pair 1: this is FP32[1, 3], and the model has x: FP32[N, 4]
#>    ,-[models/linear-misfit.golden.json:2:22]
#>  1 | [
#>  2 |   { "inputs": { "x": [[1, 2, 3]] }, "outputs": { "y": [[1]] } },
#>    :                      ^^^^^^^^^^^
#>  3 |   { "inputs": { "xs": [[1, 2, 3, 4]] }, "outputs": { "y": [[1], [2, 3]] } },
#>    `----
#>
#> Advice:
#>   > see `golden-misfit.hcl`
#>    ,-[golden-misfit.hcl:6:14]
#>  5 |     file   = "models/linear.onnx"
#>  6 |     golden = "models/linear-misfit.golden.json"
#>    :              ^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^
#>    :                               `-- named here
#>  7 |   }
#>    `----
#>
#> golden-invalid
#>
#>   x golden pair 2 has no value for the input `x`
#>    ,-[models/linear-misfit.golden.json:3:23]
#>  2 |   { "inputs": { "x": [[1, 2, 3]] }, "outputs": { "y": [[1]] } },
#>  3 |   { "inputs": { "xs": [[1, 2, 3, 4]] }, "outputs": { "y": [[1], [2, 3]] } },
#>    :                       ^
#>  4 |   { "inputs": { "x": [[1, 2, 3, 1e39]] }, "outputs": {}, "tolerance": { "absolute": -1 } },
#>    `----
#>
#> Advice:
#>   > see `golden-misfit.hcl`
#>    ,-[golden-misfit.hcl:6:14]
#>  5 |     file   = "models/linear.onnx"
#>  6 |     golden = "models/linear-misfit.golden.json"
#>    :              ^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^
#>    :                               `-- named here
#>  7 |   }
#>    `----
#>
#> golden-invalid
#>
#>   x the model has no input `xs`
#>    ,-[models/linear-misfit.golden.json:3:23]
#>  2 |   { "inputs": { "x": [[1, 2, 3]] }, "outputs": { "y": [[1]] } },
#>  3 |   { "inputs": { "xs": [[1, 2, 3, 4]] }, "outputs": { "y": [[1], [2, 3]] } },
#>    :                       ^^^^^^^^^^^^^^
#>  4 |   { "inputs": { "x": [[1, 2, 3, 1e39]] }, "outputs": {}, "tolerance": { "absolute": -1 } },
#>    `----
#>   help: did you mean `x`?
#>
#> Advice:
#>   > see `golden-misfit.hcl`
#>    ,-[golden-misfit.hcl:6:14]
#>  5 |     file   = "models/linear.onnx"
#>  6 |     golden = "models/linear-misfit.golden.json"
#>    :              ^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^
#>    :                               `-- named here
#>  7 |   }
#>    `----
#>
#> golden-invalid
#>
#>   x output `y` of golden pair 2: this array has 2 values, the ones before 1
#>    ,-[models/linear-misfit.golden.json:3:70]
#>  2 |   { "inputs": { "x": [[1, 2, 3]] }, "outputs": { "y": [[1]] } },
#>  3 |   { "inputs": { "xs": [[1, 2, 3, 4]] }, "outputs": { "y": [[1], [2, 3]] } },
#>    :                                                                      ^
#>  4 |   { "inputs": { "x": [[1, 2, 3, 1e39]] }, "outputs": {}, "tolerance": { "absolute": -1 } },
#>    `----
#>
#> Advice:
#>   > see `golden-misfit.hcl`
#>    ,-[golden-misfit.hcl:6:14]
#>  5 |     file   = "models/linear.onnx"
#>  6 |     golden = "models/linear-misfit.golden.json"
#>    :              ^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^
#>    :                               `-- named here
#>  7 |   }
#>    `----
#>
#> golden-invalid
#>
#>   x golden pair 3 expects no output
#>    ,-[models/linear-misfit.golden.json:4:22]
#>  3 |   { "inputs": { "xs": [[1, 2, 3, 4]] }, "outputs": { "y": [[1], [2, 3]] } },
#>  4 |   { "inputs": { "x": [[1, 2, 3, 1e39]] }, "outputs": {}, "tolerance": { "absolute": -1 } },
#>    :                      ^
#>  5 |   { "inputs": { "x": [1, 2, 3, 4] }, "outputs": { "y": [["2"]] } }
#>    `----
#>
#> Advice:
#>   > see `golden-misfit.hcl`
#>    ,-[golden-misfit.hcl:6:14]
#>  5 |     file   = "models/linear.onnx"
#>  6 |     golden = "models/linear-misfit.golden.json"
#>    :              ^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^
#>    :                               `-- named here
#>  7 |   }
#>    `----
#>
#> golden-invalid
#>
#>   x golden pair 3 has a negative tolerance
#>    ,-[models/linear-misfit.golden.json:4:22]
#>  3 |   { "inputs": { "xs": [[1, 2, 3, 4]] }, "outputs": { "y": [[1], [2, 3]] } },
#>  4 |   { "inputs": { "x": [[1, 2, 3, 1e39]] }, "outputs": {}, "tolerance": { "absolute": -1 } },
#>    :                      ^
#>  5 |   { "inputs": { "x": [1, 2, 3, 4] }, "outputs": { "y": [["2"]] } }
#>    `----
#>
#> Advice:
#>   > see `golden-misfit.hcl`
#>    ,-[golden-misfit.hcl:6:14]
#>  5 |     file   = "models/linear.onnx"
#>  6 |     golden = "models/linear-misfit.golden.json"
#>    :              ^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^
#>    :                               `-- named here
#>  7 |   }
#>    `----
#>
#> golden-invalid
#>
#>   x input `x` of golden pair 3: `1e39` is no FP32
#>    ,-[models/linear-misfit.golden.json:4:33]
#>  3 |   { "inputs": { "xs": [[1, 2, 3, 4]] }, "outputs": { "y": [[1], [2, 3]] } },
#>  4 |   { "inputs": { "x": [[1, 2, 3, 1e39]] }, "outputs": {}, "tolerance": { "absolute": -1 } },
#>    :                                 ^^^^
#>  5 |   { "inputs": { "x": [1, 2, 3, 4] }, "outputs": { "y": [["2"]] } }
#>    `----
#>
#> Advice:
#>   > see `golden-misfit.hcl`
#>    ,-[golden-misfit.hcl:6:14]
#>  5 |     file   = "models/linear.onnx"
#>  6 |     golden = "models/linear-misfit.golden.json"
#>    :              ^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^
#>    :                               `-- named here
#>  7 |   }
#>    `----
#>
#> golden-invalid
#>
#>   x input `x` of golden pair 4: this is FP32[4], and the model has x: FP32[N, 4]
#>    ,-[models/linear-misfit.golden.json:5:22]
#>  4 |   { "inputs": { "x": [[1, 2, 3, 1e39]] }, "outputs": {}, "tolerance": { "absolute": -1 } },
#>  5 |   { "inputs": { "x": [1, 2, 3, 4] }, "outputs": { "y": [["2"]] } }
#>    :                      ^^^^^^^^^^^^
#>  6 | ]
#>    `----
#>
#> Advice:
#>   > see `golden-misfit.hcl`
#>    ,-[golden-misfit.hcl:6:14]
#>  5 |     file   = "models/linear.onnx"
#>  6 |     golden = "models/linear-misfit.golden.json"
#>    :              ^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^
#>    :                               `-- named here
#>  7 |   }
#>    `----
#>
#> golden-invalid
#>
#>   x output `y` of golden pair 4: `"2"` is no FP32
#>    ,-[models/linear-misfit.golden.json:5:58]
#>  4 |   { "inputs": { "x": [[1, 2, 3, 1e39]] }, "outputs": {}, "tolerance": { "absolute": -1 } },
#>  5 |   { "inputs": { "x": [1, 2, 3, 4] }, "outputs": { "y": [["2"]] } }
#>    :                                                          ^^^
#>  6 | ]
#>    `----
#>
#> Advice:
#>   > see `golden-misfit.hcl`
#>    ,-[golden-misfit.hcl:6:14]
#>  5 |     file   = "models/linear.onnx"
#>  6 |     golden = "models/linear-misfit.golden.json"
#>    :              ^^^^^^^^^^^^^^^^^|^^^^^^^^^^^^^^^^
#>    :                               `-- named here
#>  7 |   }
#>    `----
#>
#> 9 errors
