//! A spec has one project, and one platform when there is anything to run.

use windlass_schemas::codes;
use windlass_schemas::declare::FromBlock;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::span::Span;
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
