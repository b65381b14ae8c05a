//! A spec has one project, and one platform when there is anything to run.

use std::collections::BTreeMap;

use windlass_schemas::codes;
use windlass_schemas::declare::FromBlock;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::spec::texts::WorkflowName;
use windlass_schemas::spec::{Platform, Project, Spec};

/// Reports a second block of those that a spec has once, and a missing one.
pub fn check(spec: &Spec, diags: &mut Diagnostics) {
    // A block that was refused is missing in the spec, and was reported.
    if spec.projects.is_empty() && !diags.failed() {
        let diagnostic = Diagnostic::at(&codes::MISSING_BLOCK, Span::default(), "the spec has no `project`")
            .help("add `project \"NAME\" {}`: it names what is built here");
        diags.push(diagnostic);
    }
    if spec.platforms.is_empty()
        && !diags.failed()
        && let Some((kind, span)) = first_to_run(spec)
    {
        let message = format!("this `{kind}` has no platform to run on");
        let help = "add `platform \"aws\" { account = …, region = …, cluster = … }`, one attribute a line";
        diags.push(Diagnostic::at(&codes::MISSING_BLOCK, span, message).help(help));
    }
    check_workflow_names(spec, diags);
    at_most_one::<Project>(spec.projects.iter().map(|project| project.span), diags);
    at_most_one::<Platform>(spec.platforms.iter().map(|platform| platform.span), diags);
}

/// The first block that becomes something on a platform.
fn first_to_run(spec: &Spec) -> Option<(&'static str, Span)> {
    let services = spec.services.iter().map(|service| ("service", service.span));
    let workflows = spec.workflows.iter().map(|workflow| ("workflow", workflow.span));
    let channels = spec.channels.iter().map(|channel| ("channel", channel.span));
    services.chain(workflows).chain(channels).min_by_key(|(_, span)| *span)
}

/// Files are named after workflows, and not every file system tells `A` from `a`. The second and further triggers are
/// named `WORKFLOW-2` and so on, beside the first one of each workflow.
fn check_workflow_names(spec: &Spec, diags: &mut Diagnostics) {
    let mut seen: BTreeMap<String, &Spanned<WorkflowName>> = BTreeMap::new();
    for workflow in &spec.workflows {
        let name = &workflow.name;
        if let Some(first) = seen.get(&name.to_ascii_lowercase()) {
            // Of two blocks with the very same name, evaluation has told.
            if first.value != name.value {
                let message = format!("`{}` and `{}` differ only in capitals", first.value, name.value);
                let diagnostic = Diagnostic::at(&codes::DUPLICATE_NAME, name.span, message)
                    .label(first.span, "the other one")
                    .help("rename one of them: their files would have one name where capitals don't count");
                diags.push(diagnostic);
            }
        } else {
            seen.insert(name.to_ascii_lowercase(), name);
        }
    }
    for workflow in &spec.workflows {
        for (number, trigger) in (1..).zip(&workflow.triggers).skip(1) {
            let derived = format!("{}-{number}", workflow.name.value);
            let taken = spec.workflows.iter().find(|other| *other.name.value == *derived && !other.triggers.is_empty());
            if let Some(other) = taken {
                let message =
                    format!("the schedule of this trigger would be called `{derived}`, as that of a workflow");
                let diagnostic = Diagnostic::at(&codes::DUPLICATE_NAME, trigger.span, message)
                    .label(other.name.span, "this one")
                    .help("rename one of the workflows");
                diags.push(diagnostic);
            }
        }
    }
}

fn at_most_one<T: FromBlock>(mut spans: impl Iterator<Item = Span>, diags: &mut Diagnostics) {
    let kind = T::DECL.kind;
    let Some(first) = spans.next() else { return };
    for other in spans {
        let diagnostic = Diagnostic::at(&codes::DUPLICATE_NAME, other, format!("a second `{kind}` in the spec"))
            .label(first, "the first one")
            .help("keep one of them");
        diags.push(diagnostic);
    }
}
