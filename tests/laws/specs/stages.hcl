# What stands around a stage: elements, handlers, guards, triggers, functions and jobs.

project "stages" {
  owner = "data"
}

platform "aws" {
  account = "123456789012"
  region  = "us-west-2"
  cluster = "green"
}

bucket "inbox" {
  name = "stages-inbox"
}

function "enrich" {
  lambda  = "enrich:live"
  returns = object({ score = number, reason = optional(string) })
}

job "report" {
  image       = "registry.example.com/report:2"
  command     = ["report"]
  environment = { LEVEL = "info" }
  resources {
    cpu    = "500m"
    memory = "512Mi"
  }
}

channel "people" {
  email = "people@example.com"
}

workflow "outer" {
  input "cases" {
    type = list(object({ number = number, country = optional(string) }))
  }
  input "prefix" {
    type    = string
    default = "all"
    validation {
      condition     = length(input.prefix) < 20
      error_message = "the prefix is too long"
    }
  }
  timeout = "3d"
  log     = "all"

  trigger {
    schedule = "cron(0 6 * * ? *)"
    timezone = "Europe/Berlin"
    input    = { cases = [] }
  }
  stage "prepare" {
    read     = bucket.inbox
    key      = "${input.prefix}/settings.json"
    returns  = object({ limit = number, names = list(string) })
    on_error = stage.recover
  }
  stage "recover" {
    value = { message = "${error.name}: ${error.cause}", limit = 5 }
  }
  stage "limit" {
    value = stage.prepare != null ? stage.prepare.body.limit : (stage.recover != null ? stage.recover.value.limit : 1)
  }
  stage "each" {
    for_each        = input.cases
    max_concurrency = 5
    call            = function.enrich
    payload         = { number = item.number, country = coalesce(item.country, "none") }
    retry {
      attempts = 3
      on       = ["timeout", "throttled"]
    }
  }
  stage "files" {
    write           = bucket.inbox
    key             = "copies/${item.key}"
    body            = { bytes = item.size }
    max_concurrency = 100
    distribute {
      objects        = bucket.inbox
      prefix         = "${input.prefix}/"
      tolerate       = "5%"
      results        = bucket.inbox
      results_prefix = "runs/"
    }
  }
  stage "lines" {
    value = [for line in item : upper(line.city) if line.amount != "0"]
    distribute {
      rows   = bucket.inbox
      key    = "lines.csv"
      format = "csv"
      batch  = 10
    }
  }
  stage "ask" {
    when    = length([for run in stage.each : run.result.score if run.result.score > stage.limit.value]) > 0
    approve = channel.people
    subject = "many cases"
    message = "reasons: ${jsonencode(stage.each[*].result.reason)}"
    timeout = "1d"
  }
  stage "stop" {
    when  = stage.ask != null && !stage.ask.approved
    fail  = "refused"
    error = "Refused"
  }
  stage "pause" {
    after = [stage.stop, stage.files]
    wait  = "10m"
  }
  stage "report" {
    after       = [stage.pause]
    run         = job.report
    arguments   = flatten(stage.lines[*].value)
    environment = { FIRST = join(",", flatten(stage.lines[*].value)) }
    timeout     = "1h"
    on_error    = "continue"
  }
  stage "inner" {
    after = [stage.report]
    start = workflow.inner
    input = { total = sum([for index, run in stage.each : run.result.score * index]) }
  }
  output = { twice = stage.inner.output.twice, reported = stage.report != null }
}

workflow "inner" {
  type = "standard"
  input "total" {
    type = number
  }
  stage "twice" {
    value = input.total * 2
  }
  output = { twice = stage.twice.value }
}

workflow "arrival" {
  type    = "express"
  timeout = "2m"
  input "path" {
    type = string
  }
  trigger {
    objects = bucket.inbox
    prefix  = "arrivals/"
    suffix  = ".json"
    input   = { path = event.key }
  }
  stage "note" {
    notify  = channel.people
    message = "there is ${input.path}"
  }
}

workflow "end" {
  input "words" {
    type = string
  }
  trigger {
    workflow = workflow.outer
    outcome  = "failed"
    input    = { words = "${event.execution} is ${event.status}" }
  }
  stage "note" {
    notify  = channel.people
    subject = "a failure"
    message = input.words
  }
}
