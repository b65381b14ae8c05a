//! What Step Functions cannot run, told before anything is emitted.
//!
//! Quotas: <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::plan::{Plan, Stage, Verb, Workflow, stages};

use super::states;
use crate::json;

/// Characters in a definition.
const DEFINITION: usize = 1_048_576;
/// Characters in the name of a state machine.
const NAME: usize = 80;
/// Seconds that an HTTP task may take: <https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html>.
const LONGEST_CALL: u64 = 60;
/// Seconds of a wait between attempts: <https://states-language.net/#errors>.
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
    if let Verb::Infer { .. } = &stage.verb
        && stage.timeout.seconds_up() > LONGEST_CALL
    {
        let message = format!("a call of `{}` is longer than Step Functions waits for an answer", stage.timeout);
        let help = format!("use at most \"{LONGEST_CALL}s\"");
        diags.push(Diagnostic::at(&codes::LIMIT, stage.timeout.span, message).help(help));
    }
    for wait in stage.retries.iter().flat_map(|retry| [&retry.backoff, &retry.max_backoff]) {
        if wait.0 == 0 || !wait.0.is_multiple_of(1000) || wait.seconds_up() > LONGEST_WAIT {
            let message = format!("`{wait}` is not a wait that Step Functions counts: whole seconds, up to a year");
            let help = format!("use \"{}s\"", wait.seconds_up().clamp(1, LONGEST_WAIT));
            diags.push(Diagnostic::at(&codes::INVALID_VALUE, wait.span, message).help(help));
        }
    }
    if let Verb::Infer { service: name, .. } = &stage.verb
        && let Some(service) = plan.service(name)
        && service.expose.is_none()
    {
        diags.push(
            Diagnostic::at(&codes::UNREACHABLE_SERVICE, stage.origin, format!("stage `{}` cannot reach service `{name}`", stage.name))
                .saying("a workflow runs outside the cluster, and its HTTP calls need a public HTTPS name")
                .label(service.origin, "this service is known only inside the cluster")
                .help(format!(
                    "add `expose {{ host = \"{name}.example.com\" }}` to the service; or keep it private and let something inside the \
                     cluster call it: an application beside it, or a job that writes its results to a bucket which the workflow reads"
                )),
        );
    }
}
