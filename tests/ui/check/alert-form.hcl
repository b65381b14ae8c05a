project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

channel "oncall" {
  email = "oncall@example.com"
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
  stage "load" {
    read = bucket.data
    key  = "a.json"
  }
}

alert "bad" {
  when   = service.risk.requests.rate
  notify = [channel.oncall]
}

alert "constant" {
  when   = true
  notify = [channel.oncall]
}

alert "equal" {
  when   = service.risk.requests.rate == 5
  notify = [channel.oncall]
}

alert "two" {
  when   = service.risk.errors.rate > service.risk.requests.rate
  notify = [channel.oncall]
}

#> unsupported-expression
#>
#>   x a measurement alone is no condition
#>     ,-[alert-form.hcl:42:12]
#>  41 | alert "bad" {
#>  42 |   when   = service.risk.requests.rate
#>     :            ^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  43 |   notify = [channel.oncall]
#>     `----
#>   help: write measurements compared with thresholds, joined by `&&` or `||`, as in
#>         `service.NAME.errors.rate > 0.01`
#>
#> unsupported-expression
#>
#>   x this is known when compiling: it watches nothing
#>     ,-[alert-form.hcl:47:12]
#>  46 | alert "constant" {
#>  47 |   when   = true
#>     :            ^^^^
#>  48 |   notify = [channel.oncall]
#>     `----
#>   help: write measurements compared with thresholds, joined by `&&` or `||`, as in
#>         `service.NAME.errors.rate > 0.01`
#>
#> unsupported-expression
#>
#>   x `==` is no comparison that an alarm can make
#>     ,-[alert-form.hcl:52:12]
#>  51 | alert "equal" {
#>  52 |   when   = service.risk.requests.rate == 5
#>     :            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  53 |   notify = [channel.oncall]
#>     `----
#>   help: write measurements compared with thresholds, joined by `&&` or `||`, as in
#>         `service.NAME.errors.rate > 0.01`
#>
#> unsupported-expression
#>
#>   x this does not compare a measurement with a threshold
#>     ,-[alert-form.hcl:57:12]
#>  56 | alert "two" {
#>  57 |   when   = service.risk.errors.rate > service.risk.requests.rate
#>     :            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#>  58 |   notify = [channel.oncall]
#>     `----
#>   help: write measurements compared with thresholds, joined by `&&` or `||`, as in
#>         `service.NAME.errors.rate > 0.01`
#>
#> 4 errors
