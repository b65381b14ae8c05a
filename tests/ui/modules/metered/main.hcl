channel "team" {
  email = "team@example.com"
}

workflow "keep" {
  stage "tell" {
    notify  = channel.team
    message = "done"
  }
}

alert "slow" {
  when   = workflow.keep.duration.p95 > "10m"
  for    = "5m"
  notify = [channel.team]
}
