# Every verb, and stages that read each other.

project "flows" {
  owner = "data"
}

platform "aws" {
  account = "123456789012"
  region  = "us-west-2"
  cluster = "blue"
}

bucket "raw" {
  name = "flows-raw"
}

bucket "results" {
  name = "flows-results"
}

model "linear" {
  serve = "1"
  version "1" { file = "models/linear.onnx" }
}

service "linear" {
  model = model.linear
  image = "registry.example.com/linear"
  resources {
    cpu    = 1
    memory = "512Mi"
  }
}

channel "analysts" {
  email = "analysts@example.com"
}

workflow "nightly" {
  input "folder" {
    type    = string
    default = "today"
  }
  input "limit" {
    type = number
  }
  trigger {
    schedule = "cron(0 6 * * ? *)"
    input    = { limit = 10 }
  }
  timeout = "30m"

  stage "fetch" {
    read    = bucket.raw
    key     = "${input.folder}/rows.json"
    timeout = "1m"
    retry {
      attempts    = 4
      backoff     = "2s"
      factor      = 1.5
      max_backoff = "30s"
      jitter      = false
    }
  }
  stage "keep" {
    write = bucket.results
    key   = "${input.folder}/copy.json"
    body  = { rows = stage.fetch.body.rows, limit = input.limit }
  }
  stage "tell" {
    when    = input.limit > 5 && length(input.folder) > 0
    notify  = channel.analysts
    subject = "rows of ${input.folder}"
    message = "kept as ${stage.keep.key} with ${stage.keep.etag}"
  }
  output = { key = stage.keep.key, told = stage.fetch.body.count > 1 ? "yes" : "no" }
}

workflow "empty" {
  stage "note" {
    notify  = channel.analysts
    message = "nothing from ${bucket.raw.uri}"
  }
}

alert "nightly" {
  when   = workflow.nightly.failures.count > 0 || workflow.nightly.duration.p90 > "20m"
  notify = [channel.analysts]
}
