project "demo" {}

model "risk" {
  version "1" {
    file   = "models/linear.onnx"
    golden = "models/linear-unasked.golden.json"
  }
  serve = "1"
}

#> engine-missing
#>
#>   x the golden pairs can't be checked without `windlass-server`: no answer is recorded
#>    ,-[golden-without-engine.hcl:6:14]
#>  5 |     file   = "models/linear.onnx"
#>  6 |     golden = "models/linear-unasked.golden.json"
#>    :              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  7 |   }
#>    `----
#>   help: build it with `cargo install --path targets/runtime/server`, and put it beside `windlass`
#>         or on the PATH, or name it in WINDLASS_SERVER; `--skip-quality` compiles without
#>
#> 1 error
