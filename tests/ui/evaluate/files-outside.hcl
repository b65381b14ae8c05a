project "demo" {}

locals {
  absolute = file("/etc/hostname")
  above    = file("templates/../../secret.txt")
  missing  = file("templates/none.txt")
  folder   = file("templates")
  binary   = file("models/linear.onnx")
  there    = fileexists("templates")
  pattern  = fileset("templates", "{a,b")
}

#> invalid-operand
#>
#>   x `file`: the path `/etc/hostname` is not relative
#>    ,-[files-outside.hcl:4:19]
#>  3 | locals {
#>  4 |   absolute = file("/etc/hostname")
#>    :                   ^^^^^^^^^^^^^^^
#>  5 |   above    = file("templates/../../secret.txt")
#>    `----
#>   help: paths are relative to the project's folder and stay in it, as in `"config/app.json"`
#>
#> invalid-operand
#>
#>   x `file`: the path `templates/../../secret.txt` leads out of the project's folder
#>    ,-[files-outside.hcl:5:19]
#>  4 |   absolute = file("/etc/hostname")
#>  5 |   above    = file("templates/../../secret.txt")
#>    :                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  6 |   missing  = file("templates/none.txt")
#>    `----
#>   help: paths are relative to the project's folder and stay in it, as in `"config/app.json"`
#>
#> invalid-operand
#>
#>   x `file`: cannot read `templates/none.txt`: there is no such file
#>    ,-[files-outside.hcl:6:19]
#>  5 |   above    = file("templates/../../secret.txt")
#>  6 |   missing  = file("templates/none.txt")
#>    :                   ^^^^^^^^^^^^^^^^^^^^
#>  7 |   folder   = file("templates")
#>    `----
#>
#> invalid-operand
#>
#>   x `file`: cannot read `templates`: it is a folder
#>    ,-[files-outside.hcl:7:19]
#>  6 |   missing  = file("templates/none.txt")
#>  7 |   folder   = file("templates")
#>    :                   ^^^^^^^^^^^
#>  8 |   binary   = file("models/linear.onnx")
#>    `----
#>
#> invalid-operand
#>
#>   x `file`: the file `models/linear.onnx` is not UTF-8 text
#>    ,-[files-outside.hcl:8:19]
#>  7 |   folder   = file("templates")
#>  8 |   binary   = file("models/linear.onnx")
#>    :                   ^^^^^^^^^^^^^^^^^^^^
#>  9 |   there    = fileexists("templates")
#>    `----
#>   help: `filebase64` reads any file
#>
#> invalid-operand
#>
#>   x `fileexists`: `templates` is a folder, not a file
#>     ,-[files-outside.hcl:9:25]
#>   8 |   binary   = file("models/linear.onnx")
#>   9 |   there    = fileexists("templates")
#>     :                         ^^^^^^^^^^^
#>  10 |   pattern  = fileset("templates", "{a,b")
#>     `----
#>
#> invalid-operand
#>
#>   x `fileset`: a bracket is not closed
#>     ,-[files-outside.hcl:10:35]
#>   9 |   there    = fileexists("templates")
#>  10 |   pattern  = fileset("templates", "{a,b")
#>     :                                   ^^^^^^
#>  11 | }
#>     `----
#>
#> 7 errors
