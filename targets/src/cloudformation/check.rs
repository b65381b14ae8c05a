//! What CloudFormation, and the services whose resources it makes, do not take.
//!
//! Quotas: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::plan::{Occasion, Plan, Trigger};
use windlass_schemas::span::Span;

use super::{stack, triggers};
use crate::json;

/// Resources in a template.
const RESOURCES: usize = 500;
/// Outputs in a template.
const OUTPUTS: usize = 200;
/// Bytes of a template that is read from S3.
const TEMPLATE: usize = 1_048_576;
/// Characters in the name of a connection and of a schedule.
const SHORT_NAME: usize = 64;
/// Characters in the name of a topic.
const TOPIC_NAME: usize = 256;

/// Characters of an input transformer's template, and of the constant input of a target.
const INPUT: usize = 8192;

pub fn check(plan: &Plan, diags: &mut Diagnostics) {
    for trigger in plan.workflows.iter().flat_map(|workflow| &workflow.triggers) {
        check_trigger(plan, trigger, diags);
    }
    let mut exceeds = |at: Span, what: String, is: usize, may: usize, help: &str| {
        if is > may {
            let message = format!("{what} is {is}; AWS allows {may}");
            diags.push(Diagnostic::at(&codes::LIMIT, at, message).help(help));
        }
    };
    let shorten = "shorten the name of the block, of the environment or of the project";
    for service in stack::called(plan).into_iter().filter_map(|name| plan.service(name)) {
        let name = plan.qualified(&service.name);
        exceeds(
            service.origin,
            format!("the length of the connection's name `{name}`"),
            name.len(),
            SHORT_NAME,
            shorten,
        );
    }
    for channel in &plan.channels {
        let name = plan.qualified(&channel.name);
        exceeds(channel.origin, format!("the length of the topic's name `{name}`"), name.len(), TOPIC_NAME, shorten);
    }
    for workflow in &plan.workflows {
        for (at, trigger) in workflow.triggers.iter().enumerate() {
            let name = triggers::name(plan, workflow, at);
            let what = if matches!(trigger.when, Occasion::Schedule { .. }) { "schedule" } else { "rule" };
            let what = format!("the length of the {what}'s name `{name}`");
            exceeds(trigger.origin, what, name.len(), SHORT_NAME, shorten);
        }
    }
    let Some(template) = stack::template(plan) else { return };
    let split = "divide the project in two";
    exceeds(
        plan.project.origin,
        "the number of resources in the stack".to_owned(),
        template.resources.len(),
        RESOURCES,
        split,
    );
    exceeds(
        plan.project.origin,
        "the number of outputs of the stack".to_owned(),
        template.outputs.len(),
        OUTPUTS,
        split,
    );
    let size = json::size(&template);
    exceeds(plan.project.origin, "the size of the stack's template in bytes".to_owned(), size, TEMPLATE, split);
}

fn check_trigger(plan: &Plan, trigger: &Trigger, diags: &mut Diagnostics) {
    match triggers::input(trigger) {
        Ok((_, input)) => {
            let size = input["InputTemplate"].as_str().or(input.as_str()).map_or(0, |text| text.chars().count());
            if size > INPUT {
                let message = format!(
                    "the input of the executions that this trigger starts has {size} characters; EventBridge allows {INPUT}"
                );
                diags.push(
                    Diagnostic::at(&codes::LIMIT, trigger.origin, message)
                        .help("let a stage read what is long from a bucket"),
                );
            }
        }
        Err(refusal) => {
            let found = Diagnostic::at(&codes::UNSUPPORTED_EXPRESSION, refusal.span, refusal.message);
            diags.push(found.help(refusal.help));
        }
    }
    if let Occasion::Finished { workflow, .. } = &trigger.when
        && plan.workflow(workflow).is_some_and(|workflow| workflow.express)
    {
        let message =
            format!("workflow `{workflow}` is an express one, and no event tells when an execution of it ends");
        let help = "let it start this workflow itself, or make it a standard one";
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, trigger.origin, message).help(help));
    }
}
