//! How long stages may take: timeouts, and repetitions of what failed.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::plan::ErrorKind;
use windlass_schemas::span::Span;
use windlass_schemas::spec::{Retry, Stage, Workflow};
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::units::Duration;

/// Step Functions ends a standard execution after a year (Step Functions quotas, "state machine executions").
pub const LONGEST: Duration = Duration::from_seconds(365 * 24 * 3600);
/// It ends an express execution after five minutes.
pub const LONGEST_EXPRESS: Duration = Duration::from_seconds(5 * 60);
/// Of one attempt of a stage that does not say.
pub const USUAL: Duration = Duration::from_seconds(30);

/// Whether it is a number of seconds that Step Functions counts to.
pub fn is_whole(time: Duration) -> bool {
    time.0 >= 1000 && time.0.is_multiple_of(1000) && time <= LONGEST
}

/// How long one execution of a workflow may take.
pub fn of_workflow(workflow: &Workflow) -> Duration {
    // Where the spec does not say, an express one takes as long as it can.
    match workflow.r#type.value.0 && workflow.timeout.span == workflow.span {
        true => LONGEST_EXPRESS,
        false => workflow.timeout.value,
    }
}

/// Reports a timeout of the workflow that it can't have.
pub fn check_workflow(workflow: &Workflow, diags: &mut Diagnostics) {
    let timeout = &workflow.timeout;
    check_time(timeout.value, timeout.span, diags);
    if workflow.r#type.value.0 && of_workflow(workflow) > LONGEST_EXPRESS {
        let message = format!("an express workflow takes five minutes at most, and this is `{}`", timeout.value);
        let diagnostic = Diagnostic::at(&codes::LIMIT, timeout.span, message)
            .label(workflow.r#type.span, "it is one")
            .help("write \"5m\" or less, or make it a standard workflow: leave `type` out");
        diags.push(diagnostic);
    }
}

/// Reports timeouts and repetitions of a stage that make no sense, alone or together. `usual` is the timeout of a stage
/// that does not say.
pub fn check_stage(stage: &Stage, usual: Duration, workflow: &Workflow, diags: &mut Diagnostics) {
    let before = diags.len();
    if let Some(timeout) = &stage.timeout {
        check_time(timeout.value, timeout.span, diags);
    }
    check_retries(&stage.retries, diags);
    let waits = stage.wait.is_some() || stage.value.is_some() || stage.fail.is_some();
    // How long another workflow may take is rarely said; what follows from it is no choice of the user's.
    let unsaid = stage.timeout.is_none() && stage.start.is_some();
    if diags.len() == before && !waits && !unsaid {
        check_worst(stage, usual, workflow, diags);
    }
}

/// Attempts of a stage at most, when each fails in another way.
pub fn attempts(stage: &Stage) -> u64 {
    1 + stage.retries.iter().map(|retry| u64::from(retry.attempts.value.0)).sum::<u64>()
}

fn check_time(timeout: Duration, span: Span, diags: &mut Diagnostics) {
    if !is_whole(timeout) {
        let message = format!("`{timeout}` is no timeout of a workflow or stage");
        let help = "write whole seconds, from \"1s\" to \"365d\"";
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, span, message).help(help));
    }
}

/// Errors are looked for in the order written: what an earlier `retry` has, a later one never sees.
fn check_retries(retries: &[Retry], diags: &mut Diagnostics) {
    let mut seen: Vec<(ErrorKind, Span)> = Vec::new();
    for (at, retry) in retries.iter().enumerate() {
        let Some(on) = &retry.on else {
            // The errors that may pass, when nothing is said.
            if let Some(other) = retries[..at].iter().find(|other| other.on.is_none()) {
                let message = "an earlier `retry` is for the same errors";
                let diagnostic = Diagnostic::at(&codes::DUPLICATE_NAME, retry.span, message)
                    .label(other.span, "this one")
                    .help("say what each is for, as in `on = [\"timeout\"]`");
                diags.push(diagnostic);
            }
            continue;
        };
        if on.value.is_empty() {
            let help = "name some, as in `on = [\"timeout\", \"throttled\"]`, or leave `on` out";
            diags.push(Diagnostic::at(&codes::INVALID_VALUE, on.span, "this `retry` is for no error").help(help));
        }
        let any = on.value.iter().any(|choice| choice.0 == ErrorKind::Any);
        if any && (on.value.len() > 1 || at + 1 < retries.len()) {
            let (message, help) = match on.value.len() {
                1 => ("a `retry` for `any` error leaves nothing for the next", "make it the last"),
                _ => ("`any` stands beside other errors, and is all of them", "let it stand alone: `on = [\"any\"]`"),
            };
            diags.push(Diagnostic::at(&codes::INVALID_VALUE, on.span, message).help(help));
        }
        for choice in &on.value {
            if let ErrorKind::Named(name) = &choice.0 {
                check_name(name, on.span, diags);
            }
            match seen.iter().find(|(known, _)| *known == choice.0) {
                Some((_, first)) => {
                    let diagnostic = Diagnostic::at(&codes::DUPLICATE_NAME, on.span, "an error is named twice")
                        .label(*first, "the first counts")
                        .help("name each error once");
                    diags.push(diagnostic);
                    break;
                }
                None => seen.push((choice.0.clone(), on.span)),
            }
        }
    }
}

/// Kinds are one word in lower case; names of errors have capitals or dots.
fn check_name(name: &str, span: Span, diags: &mut Diagnostics) {
    const KINDS: [&str; 4] = ["timeout", "throttled", "unavailable", "any"];
    let meant = match name {
        "States.ALL" => Some("any"),
        "States.Timeout" => Some("timeout"),
        _ => None,
    };
    if let Some(meant) = meant {
        let message = format!("`{name}` is how Step Functions calls it");
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, span, message).help(format!("write \"{meant}\"")));
    } else if !name.contains(|c: char| c.is_ascii_uppercase() || c == '.') {
        let message = format!("there is no kind of error `{name}`");
        let help = did_you_mean(name, KINDS).unwrap_or_else(|| {
            "there are \"timeout\", \"throttled\", \"unavailable\" and \"any\"; names of errors are such as \"States.Http.StatusCode.409\"".to_owned()
        });
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, span, message).help(help));
    }
}

/// The longest that the waits between all attempts of a `retry` can be together.
fn waits(retry: &Retry) -> f64 {
    let most = retry.max_backoff.value.max(retry.backoff.value).0 as f64;
    let mut wait = retry.backoff.value.0 as f64;
    let mut total = 0.0;
    for attempt in 0..retry.attempts.value.0 {
        if wait >= most || retry.factor.value.0 <= 1.0 {
            return total + f64::from(retry.attempts.value.0 - attempt) * wait.min(most);
        }
        total += wait;
        wait *= retry.factor.value.0;
    }
    total
}

/// Says so when a stage can go on trying for longer than the workflow may take: the last attempts would never be made.
fn check_worst(stage: &Stage, usual: Duration, workflow: &Workflow, diags: &mut Diagnostics) {
    let (timeout, most) = (stage.timeout.as_ref().map_or(usual, |timeout| timeout.value), of_workflow(workflow));
    let attempts = attempts(stage);
    let backoff: f64 = stage.retries.iter().map(waits).sum();
    let worst = attempts as f64 * timeout.0 as f64 + backoff;
    if worst <= most.0 as f64 {
        return;
    }
    let name = &stage.name.value;
    let (span, message) = match attempts {
        1 => {
            let span = stage.timeout.as_ref().map_or(stage.span, |timeout| timeout.span);
            (span, format!("the stage `{name}` may take `{timeout}`, and the whole workflow `{most}`"))
        }
        _ => {
            let span = stage.retries.first().map_or(stage.span, |retry| retry.span);
            let message = format!(
                "the stage `{name}` may go on trying for {}, and the whole workflow may take `{most}`",
                shown(worst)
            );
            (span, message)
        }
    };
    let mut diagnostic = Diagnostic::at(&codes::RETRY_STORM, span, message);
    if attempts > 1 {
        diagnostic = diagnostic
            .saying(format!("{attempts} attempts of `{timeout}`, and {} between them", shown(backoff)))
            .help("make fewer attempts, shorten their timeout, or give the workflow a longer one");
    } else {
        diagnostic = diagnostic.help("shorten it, or give the workflow a longer `timeout`");
    }
    diags.push(beside_timeout(diagnostic, workflow));
}

/// Reports a wait that no execution can outlast.
pub fn check_wait(wait: Duration, span: Span, workflow: &Workflow, diags: &mut Diagnostics) {
    let most = of_workflow(workflow);
    if wait >= most {
        let message = format!("this waits for `{wait}`, and the whole workflow may take `{most}`");
        let diagnostic = Diagnostic::at(&codes::INVALID_VALUE, span, message)
            .help("wait for less, or give the workflow a longer `timeout`");
        diags.push(beside_timeout(diagnostic, workflow));
    }
}

/// Shows the timeout of the workflow, too, where the spec has one.
fn beside_timeout(diagnostic: Diagnostic, workflow: &Workflow) -> Diagnostic {
    if workflow.timeout.span == workflow.span {
        return diagnostic;
    }
    diagnostic.label(workflow.timeout.span, "the workflow's timeout")
}

/// Milliseconds as the largest two units tell them: `1h 5m`.
fn shown(milliseconds: f64) -> String {
    let mut seconds = (milliseconds / 1000.0).ceil() as u64;
    let mut parts = Vec::new();
    for (unit, length) in [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)] {
        let count = seconds / length;
        if count > 0 && parts.len() < 2 {
            parts.push(format!("{count}{unit}"));
            seconds -= count * length;
        } else if !parts.is_empty() {
            break;
        }
    }
    if parts.is_empty() { "no time".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn times_are_told_in_two_units() {
        let cases = [(0.0, "no time"), (1.0, "1s"), (61_000.0, "1m 1s"), (3_600_000.0, "1h"), (90_061_000.0, "1d 1h")];
        for (milliseconds, text) in cases {
            assert_eq!(shown(milliseconds), text);
        }
    }
}
