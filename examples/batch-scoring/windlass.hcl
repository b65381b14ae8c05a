# Nightly scoring of loan applications: a CSV of the day is scored in batches, a person looks at a night with many risky ones,
# suspects get a second look one by one, and a job writes the report. An upload is scored at once.

project "batch-scoring" {
  owner = "risk-platform"
}

environment "staging" {}
environment "prod" {}

locals {
  # The model's columns, in its order.
  columns = [
    "amount", "income", "debt_ratio", "utilization", "score", "age_days", "lines", "open_lines", "late_30", "late_60", "late_90", "tenure",
    "rate", "burden", "stability", "distance",
  ]
  domain = env.name == "prod" ? "example.com" : "${env.name}.example.com"
}

platform "aws" {
  account    = "123456789012"
  region     = "us-east-1"
  cluster    = "main"
  namespace  = "scoring"
  kubernetes = "1.34"
}

bucket "applications" {
  name = "my-applications"
}

bucket "scores" {
  name = "my-scores"
}

model "risk" {
  version "1" {
    file = "models/risk.onnx"
  }
  serve = "1"
}

service "risk" {
  model = model.risk
  image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/risk"

  resources {
    cpu    = "1"
    memory = "512Mi"
  }
  scaling {
    min = 2
    max = 20
    target "cpu" { utilization = "70%" }
  }
  expose {
    host = "risk.${local.domain}"
  }
}

# Another team's: it knows who has applied before.
function "history" {
  lambda  = "application-history:live"
  returns = object({ applications = number, note = optional(string) })
}

# Outside of AWS.
function "sanctions" {
  url        = "https://api.example.com/v1/sanctions"
  connection = "arn:aws:events:us-east-1:123456789012:connection/sanctions/0a1b2c3d-0000-0000-0000-000000000000"
}

job "report" {
  image       = "123456789012.dkr.ecr.us-east-1.amazonaws.com/report:2.1"
  command     = ["report", "--format", "pdf"]
  environment = { LEVEL = "info" }

  resources {
    cpu    = "500m"
    memory = "1Gi"
  }
}

channel "analysts" {
  email = "analysts@example.com"
}

channel "oncall" {
  email = "oncall@example.com"
}

workflow "nightly" {
  input "day" {
    type    = string
    default = "latest"
    validation {
      condition     = length(input.day) > 0
      error_message = "say which day, as in 2027-01-31, or latest"
    }
  }
  input "suspects" {
    type    = list(object({ id = string, features = list(number), country = optional(string) }))
    default = []
  }
  timeout = "2d"
  log     = "all"
  trace   = true

  rollout "canary" {
    percent  = "10%"
    interval = "1h"
    abort_on = [alert.failed]
  }

  trigger {
    schedule = "cron(30 1 ? * MON-FRI *)"
    timezone = "Europe/Berlin"
  }
  trigger {
    schedule = "at(2027-12-31T23:00:00)"
    input    = { day = "2027" }
  }

  # What counts as many; a night without the file is scored with the usual numbers.
  stage "limits" {
    read     = bucket.applications
    key      = "limits.json"
    returns  = object({ risky = number, suspects = number })
    on_error = stage.usual
  }
  stage "usual" {
    value = { risky = 25, suspects = 100, why = "${error.name}: ${error.cause}" }
  }
  stage "limit" {
    value = stage.limits != null ? stage.limits.body.risky : (stage.usual != null ? stage.usual.value.risky : 25)
  }

  # Hundreds of calls at the same time, fifty rows in each.
  stage "score" {
    infer           = service.risk
    inputs          = { features = [for row in item : [for column in local.columns : tonumber(row[column])]] }
    max_concurrency = 200
    timeout         = "20s"
    retry {
      attempts    = 5
      on          = ["throttled", "unavailable", "timeout"]
      backoff     = "2s"
      max_backoff = "30s"
    }
    retry {
      attempts = 1
      on       = ["any"]
    }
    distribute {
      rows     = bucket.applications
      key      = "days/${input.day}.csv"
      format   = "csv"
      batch    = 50
      tolerate = "0.5%"
    }
  }
  stage "risky" {
    value = length(flatten([for run in stage.score : [for row in run.outputs.probabilities : row[1] if row[1] > 0.8]]))
  }
  # Every upload of the day, for the archive; what each run gives is written beside the scores.
  stage "archive" {
    write = bucket.scores
    key   = "archive/${input.day}/${item.key}.json"
    body  = { key = item.key, size = item.size, etag = item.etag }
    distribute {
      objects        = bucket.applications
      prefix         = "uploads/${input.day}/"
      results        = bucket.scores
      results_prefix = "archive-runs/"
    }
    on_error = "continue"
  }

  # The second look: each in an execution of its own.
  stage "second_look" {
    for_each        = input.suspects
    max_concurrency = 20
    start           = workflow.look
    input           = { id = item.id, features = item.features, country = coalesce(item.country, "unknown") }
    retry {
      attempts = 1
    }
  }
  stage "confirmed" {
    value = [for run in stage.second_look : run.output.id if run.output.fraud > 0.9]
  }

  # More than the limit: a person decides whether the scores go out.
  stage "ask" {
    when    = stage.risky.value > stage.limit.value
    approve = channel.analysts
    subject = "a night with many risky applications"
    message = "${stage.risky.value} are risky, and ${length(stage.confirmed.value)} suspects are confirmed. Shall the scores go out?"
    timeout = "12h"
  }
  stage "refused" {
    when  = stage.ask != null && !stage.ask.approved
    fail  = "an analyst has said no: ${stage.ask.comment != null ? stage.ask.comment : "without a reason"}"
    error = "NotApproved"
  }
  stage "settle" { # until the day's last postings are there
    after = [stage.refused]
    wait  = "15m"
  }
  stage "report" {
    after       = [stage.settle, stage.archive]
    run         = job.report
    arguments   = ["--day", input.day, "--risky", "${stage.risky.value}"]
    environment = { CONFIRMED = join(",", stage.confirmed.value) }
    timeout     = "2h"
    retry {
      attempts = 2
      on       = ["unavailable"]
      backoff  = "5m"
      factor   = 1
    }
    on_error = stage.no_report
  }
  stage "no_report" {
    notify   = channel.oncall
    subject  = "no report tonight"
    message  = "The scores are out, the report is not: ${error.name}, ${error.cause}"
    on_error = "continue"
  }
  output = {
    risky     = stage.risky.value
    confirmed = stage.confirmed.value
    reported  = stage.report != null
  }
}

# What is known of one applicant, together.
workflow "look" {
  input "id" {
    type = string
  }
  input "features" {
    type = list(number)
  }
  input "country" {
    type    = string
    default = "unknown"
  }
  timeout = "10m"

  stage "history" {
    call    = function.history
    payload = { id = input.id }
  }
  stage "sanctions" {
    when    = input.country != "unknown"
    call    = function.sanctions
    payload = { id = input.id, country = upper(input.country) }
    returns = object({ listed = bool })
    retry {
      attempts = 2
      on       = ["States.Http.StatusCode.409"]
    }
    on_error = "continue"
  }
  stage "score" {
    infer  = service.risk
    inputs = { features = [input.features] }
  }
  stage "listed" {
    value = stage.sanctions != null && stage.sanctions.result.listed
  }
  stage "save" {
    write = bucket.scores
    key   = "looks/${input.id}.json"
    body = {
      fraud = stage.score.outputs.probabilities[0][1]
      note  = stage.history.result.note
      often = stage.history.result.applications > 3
    }
  }
  output = {
    id    = input.id
    fraud = stage.listed.value ? 1 : stage.score.outputs.probabilities[0][1]
  }
}

# An upload is scored at once; twice does no harm.
workflow "upload" {
  type    = "express"
  timeout = "1m"
  input "key" {
    type = string
  }
  trigger {
    objects = bucket.applications
    prefix  = "uploads/"
    suffix  = ".json"
    input   = { key = event.key }
  }
  stage "load" {
    read    = bucket.applications
    key     = input.key
    returns = object({ id = string, features = list(number) })
  }
  stage "score" {
    infer   = service.risk
    inputs  = { features = [stage.load.body.features] }
    timeout = "10s"
    retry {
      attempts    = 2
      max_backoff = "2s"
    }
  }
  stage "save" {
    write = bucket.scores
    key   = "uploads/${stage.load.body.id}.json"
    body  = { fraud = stage.score.outputs.probabilities[0][1] }
  }
}

# Whoever is on call hears of a night that failed, and of alerts.
workflow "tell" {
  input "what" {
    type = string
  }
  trigger {
    workflow = workflow.nightly
    outcome  = "failed"
    input    = { what = "${event.execution} ended as ${event.status}" }
  }
  trigger {
    alert = alert.slow
    input = { what = "${event.reason}, since ${event.time}" }
  }
  stage "tell" {
    notify  = channel.oncall
    message = input.what
  }
}

alert "slow" {
  when   = service.risk.latency.p99 > "500ms"
  for    = "5m"
  notify = [channel.oncall]
}

alert "failed" {
  when   = workflow.nightly.failures.count > 0
  for    = "1m"
  notify = [channel.oncall]
}
