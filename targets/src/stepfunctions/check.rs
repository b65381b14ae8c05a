//! What Step Functions cannot run, told before anything is emitted.
//!
//! Quotas: <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::plan::{Plan, Stage, Verb, Workflow, stages};
use windlass_schemas::units::Duration;

use super::states;
use crate::json;

/// Characters in a definition.
const DEFINITION: usize = 1_048_576;
/// Characters in the name of a state machine or of a state.
const NAME: usize = 80;
/// Seconds that an execution or a task may take: a year.
const LONGEST: u64 = 31_536_000;
/// Seconds that an HTTP task may take: <https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html>.
const LONGEST_CALL: u64 = 60;
/// `MaxAttempts` and the seconds of a wait: <https://states-language.net/#errors>.
const ATTEMPTS: u32 = 99_999_999;
const LONGEST_WAIT: u64 = 31_622_400;

pub fn check(plan: &Plan, diags: &mut Diagnostics) {
    for workflow in &plan.workflows {
        check_workflow(plan, workflow, diags);
    }
}

fn check_workflow(plan: &Plan, workflow: &Workflow, diags: &mut Diagnostics) {
    let limit = |message: String| Diagnostic::at(&codes::LIMIT, workflow.origin, message);
    let name = plan.qualified(&workflow.name);
    if name.len() > NAME {
        diags.push(
            limit(format!(
                "the state machine's name `{name}` has {} characters; Step Functions allows {NAME}",
                name.len()
            ))
            .help("shorten the name of the workflow, of the environment or of the project"),
        );
    }
    let place = |message: String| Diagnostic::at(&codes::INVALID_VALUE, workflow.origin, message);
    seconds("timeout", workflow.timeout, LONGEST, &place, diags);
    for stage in stages(&workflow.body) {
        check_stage(plan, stage, diags);
    }
    match states::definition(plan, workflow) {
        Ok(machine) => {
            let size = json::pretty(&machine).chars().count();
            if size > DEFINITION {
                diags.push(
                    limit(format!(
                        "the definition of `{}` has {size} characters; Step Functions allows {DEFINITION}",
                        workflow.name
                    ))
                    .help("move a part of its stages to a workflow of its own"),
                );
            }
        }
        Err(refusals) => {
            for refusal in refusals {
                let found = Diagnostic::at(&codes::UNSUPPORTED_EXPRESSION, refusal.span, refusal.message);
                diags.push(found.help(refusal.help));
            }
        }
    }
}

fn check_stage(plan: &Plan, stage: &Stage, diags: &mut Diagnostics) {
    let at = |code, message: String| Diagnostic::at(code, stage.origin, message);
    let longest = NAME - "when ".len();
    if stage.name.len() > longest {
        diags.push(
            at(
                &codes::LIMIT,
                format!("a stage's name of {} characters is too long for Step Functions", stage.name.len()),
            )
            .help(format!("use at most {longest} characters")),
        );
    }
    let place = |message: String| at(&codes::INVALID_VALUE, message);
    let call = matches!(stage.verb, Verb::Infer { .. });
    seconds("timeout", stage.timeout, if call { LONGEST_CALL } else { LONGEST }, &place, diags);
    if let Some(retry) = &stage.retry {
        seconds("backoff", retry.backoff, LONGEST_WAIT, &place, diags);
        seconds("max_backoff", retry.max_backoff, LONGEST_WAIT, &place, diags);
        if retry.attempts > ATTEMPTS {
            diags.push(at(&codes::LIMIT, format!("{} attempts are more than Step Functions makes", retry.attempts)));
        }
    }
    if let Verb::Infer { service: name, .. } = &stage.verb
        && let Some(service) = plan.service(name)
        && service.expose.is_none()
    {
        diags.push(
            at(&codes::UNREACHABLE_SERVICE, format!("stage `{}` cannot reach service `{name}`", stage.name))
                .saying("a workflow runs outside the cluster, and its HTTP calls need a public HTTPS name")
                .label(service.origin, "this service is known only inside the cluster")
                .help(format!(
                    "add `expose {{ host = \"{name}.example.com\" }}` to the service; or keep it private and let something inside the \
                     cluster call it: an application beside it, or a job that writes its results to a bucket which the workflow reads"
                )),
        );
    }
}

/// Step Functions counts in whole seconds, from 1.
fn seconds(what: &str, value: Duration, most: u64, place: &dyn Fn(String) -> Diagnostic, diags: &mut Diagnostics) {
    if value.0 == 0 || !value.0.is_multiple_of(1000) {
        let up = Duration::from_seconds(value.seconds_up().max(1));
        diags.push(
            place(format!(
                "a {what} of `{value}` is not a whole number of seconds, which is how Step Functions counts"
            ))
            .help(format!("use `{up}`")),
        );
    } else if value.seconds_up() > most {
        diags.push(
            place(format!("a {what} of `{value}` is longer than Step Functions allows here"))
                .help(format!("use at most `{}`", Duration::from_seconds(most))),
        );
    }
}
