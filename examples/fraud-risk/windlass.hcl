# A financial-risk model on AWS: applications lie in S3, a workflow scores each one with the model that Kubernetes
# serves, writes the score back, and tells an analyst of the risky ones. CloudWatch watches all of it.

project "fraud-risk" {
  owner = "risk-platform"
}

variable "registry" {
  type    = string
  default = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
}

environment "staging" {}

environment "prod" {
  variables = { registry = "210987654321.dkr.ecr.us-east-1.amazonaws.com" }
}

locals {
  replicas = env.name == "prod" ? { min = 3, max = 30 } : { min = 1, max = 3 }
}

platform "aws" {
  account    = "123456789012"
  region     = "us-east-1"
  cluster    = "main" # the EKS cluster's name
  namespace  = "risk"
  kubernetes = "1.34" # the oldest minor the manifests must run on
}

bucket "data" {
  name = "my-bucket"
}

model "risk" {
  version "2" { # a neural network
    file   = "models/risk-2.onnx"
    golden = "models/risk-2.golden.json"
  }
  version "3" { # gradient-boosted trees
    file   = "models/risk-3.onnx"
    golden = "models/risk-3.golden.json" # inputs with the outputs that it must give
  }
  serve = "3"                              # rollback is this one line
  store = "${bucket.data.uri}/models/risk" # where the service fetches it from, by its digest

  quality { # below a bar, nothing is emitted
    dataset  = "models/holdout.csv"
    label    = "fraud"
    at_least = { accuracy = 0.93, auc = 0.95 }
  }
}

service "risk" {
  model = model.risk
  image = "${var.registry}/risk"

  resources {
    cpu    = "1"
    memory = "512Mi"
  }
  batching { # where it is measured to pay
    max_size  = 32
    max_delay = "2ms"
  }
  scaling {
    min = local.replicas.min
    max = local.replicas.max
    target "cpu" { utilization = "70%" }
  }
  expose {
    host = env.name == "prod" ? "risk.example.com" : "risk.${env.name}.example.com"
  }
}

channel "oncall" {
  email = "oncall@example.com"
}

workflow "assess" {
  input "application_id" {
    type = string
  }
  timeout = "15m"
  trigger {
    schedule = "rate(1 hour)"
    input    = { application_id = "latest" }
  }

  stage "load" {
    read = bucket.data
    key  = "applications/${input.application_id}.json"
  }
  stage "score" {
    infer   = service.risk
    inputs  = { features = [stage.load.body.features] }
    timeout = "10s"
    retry {
      attempts = 3
      backoff  = "1s"
      factor   = 2
      jitter   = true
    }
  }
  stage "page_analyst" {
    when    = stage.score.outputs.probabilities[0][1] > 0.8
    notify  = channel.oncall
    message = "application ${input.application_id} scored ${stage.score.outputs.probabilities[0][1]}"
  }
  stage "save" {
    write = bucket.data
    key   = "scores/${input.application_id}.json"
    body  = { id = input.application_id, fraud = stage.score.outputs.probabilities[0][1] }
  }
  output = { fraud = stage.score.outputs.probabilities[0][1] }
}

alert "slow" {
  when     = service.risk.latency.p99 > "250ms"
  for      = "5m"
  severity = "page"
  notify   = [channel.oncall]
}

alert "errors" {
  when   = service.risk.errors.rate > 0.01 && service.risk.requests.rate > 1
  for    = "5m"
  notify = [channel.oncall]
}

alert "failed" {
  when        = workflow.assess.failures.count > 0
  for         = "1m"
  notify      = [channel.oncall]
  description = "An application was not assessed: see the execution's history in Step Functions."
}
