project "demo" {}

model "risk" {
  version "1" { file = "models/several.onnx" }
  serve = "1"
}

#> model-unsupported
#>
#>   x `models/several.onnx` can't be served: the node `bend` (Celu) takes FLOAT16, at which the
#>   | engine computes it wrongly
#>    ,-[model-unsupported-several.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/several.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: cast its input to FLOAT and the output back
#>
#> model-unsupported
#>
#>   x `models/several.onnx` can't be served: the node `attend` (Attention) has `is_causal = 1` with
#>   | a `past_key`, which the engine masks as if there were none
#>    ,-[model-unsupported-several.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/several.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: give the mask as an input (`attn_mask`), or export the model without past keys and values
#>
#> model-unsupported
#>
#>   x `models/several.onnx` can't be served: the node `shorten` (Cast) casts to BFLOAT16, a type
#>   | that the engine does not have
#>    ,-[model-unsupported-several.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/several.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: export the model in FLOAT, FLOAT16 or whole numbers
#>
#> model-unsupported
#>
#>   x `models/several.onnx` can't be served: the node `grow` (TreeEnsembleClassifier) has
#>   | `post_transform = PROBIT` with a single score for two classes, which means nothing certain
#>    ,-[model-unsupported-several.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/several.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: export the model with a score for each class, or with LOGISTIC
#>
#> model-unsupported
#>
#>   x `models/several.onnx` can't be served: the node `shift` (TreeEnsembleClassifier) has 2
#>   | `base_values` for 2 classes, of which its leaves name 1
#>    ,-[model-unsupported-several.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/several.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: add the base values to the leaves of the first tree
#>
#> model-unsupported
#>
#>   x `models/several.onnx` can't be served: the node `zip` (ZipMap) makes maps for other nodes, and
#>   | the engine has no maps
#>    ,-[model-unsupported-several.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/several.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: export the model with `options={"zipmap": False}`
#>
#> model-unsupported
#>
#>   x `models/several.onnx` can't be served: the node `name` (LabelEncoder) has `values_tensor` of
#>   | INT16, which the engine does not have here
#>    ,-[model-unsupported-several.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/several.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: use labels of INT64, FLOAT or STRING
#>
#> model-unsupported
#>
#>   x `models/several.onnx` can't be served: the node `cut` (Relu) has the attribute `below`, which
#>   | ONNX does not define
#>    ,-[model-unsupported-several.hcl:4:24]
#>  3 | model "risk" {
#>  4 |   version "1" { file = "models/several.onnx" }
#>    :                        ^^^^^^^^^^^^^^^^^^^^^
#>  5 |   serve = "1"
#>    `----
#>   help: export the model with ONNX's own operators only
#>
#> 8 errors
