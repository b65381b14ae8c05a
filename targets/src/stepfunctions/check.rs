//! What Step Functions cannot run, told before anything is emitted.
//!
//! Quotas: <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::expr::ExprKind;
use windlass_schemas::plan::{Each, Elements, FunctionKind, Pause, Plan, Stage, Verb, Workflow, stages};
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::types::Type;
use windlass_schemas::units::Duration;
use windlass_schemas::value::ValueKind;

use super::asl::{Flow, State, StateMachine};
use super::estimate::{EVENTS, PAYLOAD};
use super::scope::Scope;
use super::{each, jsonata, sizes, states};
use crate::json;

/// Characters in a definition.
const DEFINITION: usize = 1_048_576;
/// Characters in the name of a state machine, and of a state.
const NAME: usize = 80;
/// Seconds that an HTTP task may take: <https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html>.
const LONGEST_CALL: u64 = 60;
/// Seconds of a wait between attempts: <https://states-language.net/#errors>.
const LONGEST_WAIT: u64 = 31_622_400;
/// Seconds that a state may wait, or take.
const LONGEST_STATE: u64 = 99_999_999;
/// Seconds of an execution of an express workflow.
const LONGEST_EXPRESS: u64 = 300;
/// Elements of a Map at the same time: in the execution itself, and in executions of their own.
const INLINE: u32 = 40;
const DISTRIBUTED: u32 = 10_000;
/// Characters of a message's subject: <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>.
const SUBJECT: usize = 100;

/// Ends of names that are known inside of a network only: <https://www.iana.org/assignments/special-use-domain-names>.
const PRIVATE: [&str; 4] = [".internal", ".local", ".localhost", ".svc"];

pub fn check(plan: &Plan, diags: &mut Diagnostics) {
    for function in &plan.functions {
        if let FunctionKind::Http { url, .. } = &function.kind {
            let host = url.trim_start_matches("https://").split(['/', ':', '?']).next().unwrap_or_default();
            if !host.contains('.') || PRIVATE.iter().any(|end| host.ends_with(end)) {
                let message =
                    format!("`{host}` is no public name; Step Functions posts to public HTTPS endpoints only");
                let help = "call it from a Lambda function in its network, or give it a public name";
                diags.push(Diagnostic::at(&codes::INVALID_VALUE, function.origin, message).help(help));
            }
        }
    }
    for workflow in &plan.workflows {
        check_workflow(plan, workflow, diags);
    }
}

fn limit(at: Span, message: String, help: impl Into<String>) -> Diagnostic {
    Diagnostic::at(&codes::LIMIT, at, message).help(help)
}

fn check_workflow(plan: &Plan, workflow: &Workflow, diags: &mut Diagnostics) {
    let name = plan.qualified(&workflow.name);
    if name.len() > NAME {
        let message =
            format!("the state machine's name `{name}` has {} characters; Step Functions allows {NAME}", name.len());
        let help = "shorten the name of the workflow, of the environment or of the project";
        diags.push(limit(workflow.origin, message, help));
    }
    let scope = Scope::new(workflow);
    for stage in stages(&workflow.body) {
        check_stage(plan, stage, &scope, diags);
        if workflow.express {
            check_express(stage, diags);
        }
    }
    if workflow.express && workflow.timeout.seconds_up() > LONGEST_EXPRESS {
        let message = format!("`{}` is longer than an express workflow may take", workflow.timeout);
        diags.push(limit(workflow.origin, message, "use at most \"5m\", or make it a standard workflow"));
    }
    match states::definition(plan, workflow) {
        Ok(machine) => check_definition(workflow, &machine, &scope, diags),
        Err(refusals) => {
            for refusal in refusals {
                let found = Diagnostic::at(&codes::UNSUPPORTED_EXPRESSION, refusal.span, refusal.message);
                diags.push(found.help(refusal.help));
            }
        }
    }
}

fn check_definition(workflow: &Workflow, machine: &StateMachine, scope: &Scope, diags: &mut Diagnostics) {
    let size = json::pretty(machine).chars().count();
    if size > DEFINITION {
        let message =
            format!("the definition of `{}` has {size} characters; Step Functions allows {DEFINITION}", workflow.name);
        diags.push(limit(workflow.origin, message, "move a part of its stages to a workflow of its own"));
    }
    let all = stages(&workflow.body);
    let stage_of = |state: &str| {
        let whole = all.iter().find(|stage| stage.name == state);
        whole.or_else(|| all.iter().find(|stage| state.split(' ').any(|word| word == stage.name))).copied()
    };
    let at = |state: &str| stage_of(state).map_or(workflow.origin, |stage| stage.origin);
    each_state(&machine.flow, &mut |name, state| {
        if name.len() > NAME {
            let message =
                format!("the state `{name}` has a name of {} characters; Step Functions allows {NAME}", name.len());
            diags.push(limit(at(name), message, "shorten the name of the stage, or nest less"));
        }
        let size = match state {
            State::Task(task) => sizes::known(&task.arguments),
            State::Pass(pass) => pass.output.iter().chain(pass.assign.values()).map(sizes::known).sum(),
            State::Map(map) => map.items.as_ref().map_or(0, sizes::known),
            _ => 0,
        };
        if size > PAYLOAD {
            let message = format!("`{name}` holds {size} bytes; Step Functions passes {PAYLOAD} at most");
            diags.push(limit(at(name), message, "keep it in a bucket, and pass its key"));
        }
    });
    if workflow.express {
        return;
    }
    let count = |name: &str| elements(stage_of(name)?.each.as_ref()?, scope);
    let events = sizes::events(&machine.flow, &|name, _| count(name)).saturating_add(2);
    if events > EVENTS {
        let longest = all.iter().filter(|stage| stage.each.is_some()).max_by_key(|stage| count(&stage.name));
        let at = longest.and_then(|stage| stage.each.as_ref()).map_or(workflow.origin, |each| each.origin);
        let message = format!(
            "an execution of `{}` writes at least {events} events; Step Functions keeps {EVENTS}",
            workflow.name
        );
        let help = format!(
            "give the elements executions of their own with a `max_concurrency` above {INLINE}, or start another workflow for a part"
        );
        diags.push(limit(at, message, help));
    }
}

/// How many elements there are, as far as that is known.
fn elements(each: &Each, scope: &Scope) -> Option<u64> {
    let Elements::List(over) = &each.over else { return None };
    match &over.kind {
        // Quicker than to translate it.
        ExprKind::Literal(value) => match &value.kind {
            ValueKind::List(elements) => Some(elements.len() as u64),
            _ => None,
        },
        _ => match jsonata::translate(over, scope).ok()?.ty {
            Type::List(_, length) => length,
            _ => None,
        },
    }
}

/// Calls `f` with every state, also those in others.
fn each_state<'a>(flow: &'a Flow, f: &mut impl FnMut(&'a str, &'a State)) {
    for (name, state) in &flow.states.0 {
        f(name, state);
        match state {
            State::Parallel(parallel) => parallel.branches.iter().for_each(|branch| each_state(branch, f)),
            State::Map(map) => each_state(&map.item_processor.flow, f),
            _ => {}
        }
    }
}

/// What an express execution cannot wait for.
fn check_express(stage: &Stage, diags: &mut Diagnostics) {
    let what = match &stage.verb {
        Verb::Run { .. } => "wait for a job",
        Verb::Approve { .. } => "wait for an answer",
        Verb::Start { .. } => "wait for another execution",
        _ if stage.each.as_ref().is_some_and(each::distributed) => "start executions for elements",
        Verb::Wait(Pause::For(duration)) if duration.seconds_up() > LONGEST_EXPRESS => "wait longer than five minutes",
        _ => return,
    };
    let message = format!("stage `{}` belongs to an express workflow, which cannot {what}", stage.name);
    diags.push(limit(stage.origin, message, "make it a standard workflow, or move the stage to one"));
}

fn check_stage(plan: &Plan, stage: &Stage, scope: &Scope, diags: &mut Diagnostics) {
    let posts = match &stage.verb {
        Verb::Infer { .. } => true,
        Verb::Call { function, .. } => {
            plan.function(function).is_some_and(|function| matches!(function.kind, FunctionKind::Http { .. }))
        }
        _ => false,
    };
    if posts && stage.timeout.seconds_up() > LONGEST_CALL {
        let message = format!("a call of `{}` is longer than Step Functions waits for an answer", stage.timeout);
        diags.push(limit(stage.timeout.span, message, format!("use at most \"{LONGEST_CALL}s\"")));
    }
    if stage.timeout.seconds_up() > LONGEST_STATE {
        let message = format!("`{}` is longer than Step Functions counts", stage.timeout);
        diags.push(limit(stage.timeout.span, message, format!("use at most \"{LONGEST_STATE}s\"")));
    }
    for wait in stage.retries.iter().flat_map(|retry| [&retry.backoff, &retry.max_backoff]) {
        check_wait(wait, diags);
    }
    match &stage.verb {
        Verb::Infer { service, inputs, outputs } => {
            check_reach(plan, stage, service, diags);
            let sent = sizes::tensors(inputs.iter().map(|input| &input.tensor), inputs, scope);
            let received = sizes::tensors(outputs, inputs, scope);
            for (bytes, does) in [(sent, "sends"), (received, "gets")] {
                if bytes > PAYLOAD {
                    let message = format!(
                        "stage `{}` {does} at least {bytes} bytes; Step Functions passes {PAYLOAD} at most",
                        stage.name
                    );
                    let help = "let a job or a function, which can use the service and a bucket, pass this much";
                    diags.push(limit(stage.origin, message, help));
                }
            }
        }
        Verb::Wait(Pause::For(duration))
            if !duration.0.is_multiple_of(1000) || duration.seconds_up() > LONGEST_STATE =>
        {
            let message =
                format!("`{duration}` is not a wait that Step Functions counts: whole seconds, up to three years");
            let help = format!("use \"{}s\"", duration.seconds_up().clamp(1, LONGEST_STATE));
            diags.push(Diagnostic::at(&codes::INVALID_VALUE, stage.origin, message).help(help));
        }
        Verb::Notify { subject: Some(subject), .. } | Verb::Approve { subject: Some(subject), .. } => {
            if let ExprKind::Literal(value) = &subject.kind
                && let ValueKind::String(text) = &value.kind
                && (text.chars().count() > SUBJECT || text.contains(char::is_control))
            {
                let message = format!("a subject is one line of at most {SUBJECT} characters");
                diags.push(limit(subject.span, message, "put the rest into the message"));
            }
        }
        _ => {}
    }
    if let Some(each) = &stage.each {
        check_each(stage, each, scope, diags);
    }
}

fn check_each(stage: &Stage, each: &Each, scope: &Scope, diags: &mut Diagnostics) {
    let (most, which) = match each::distributed(each) {
        true => (DISTRIBUTED, "executions at the same time"),
        false => (INLINE, "elements at the same time in one execution"),
    };
    if let Some(asked) = &each.max_concurrency
        && asked.value > most
    {
        let message = format!("{} are more than the {which} that Step Functions allows", asked.value);
        diags.push(limit(asked.span, message, format!("use at most {most}")));
    }
    // Outputs that nobody reads are not gathered.
    let read = scope.assigned(&stage.name).is_some() && each.results.is_none();
    let one = if read { sizes::least(&stage.outputs) } else { 2 };
    let bytes = elements(each, scope).unwrap_or_default().saturating_mul(one + 1);
    if bytes > PAYLOAD {
        let message = format!(
            "the outputs of stage `{}` have {bytes} bytes at least; Step Functions passes {PAYLOAD} at most",
            stage.name
        );
        let help = "let the stage write what it makes to a bucket, or run it over fewer elements";
        diags.push(limit(each.origin, message, help));
    }
}

fn check_wait(wait: &Spanned<Duration>, diags: &mut Diagnostics) {
    if wait.0 == 0 || !wait.0.is_multiple_of(1000) || wait.seconds_up() > LONGEST_WAIT {
        let message = format!("`{wait}` is not a wait that Step Functions counts: whole seconds, up to a year");
        let help = format!("use \"{}s\"", wait.seconds_up().clamp(1, LONGEST_WAIT));
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, wait.span, message).help(help));
    }
}

fn check_reach(plan: &Plan, stage: &Stage, name: &str, diags: &mut Diagnostics) {
    if let Some(service) = plan.service(name)
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
