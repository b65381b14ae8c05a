//! A workflow's stages can run: each reads only what earlier ones make, of the type that it needs.

use std::collections::BTreeSet;

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::span::Span;
use windlass_schemas::spec::{Stage, Workflow};
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::types::Type;
use windlass_schemas::units::Duration;
use windlass_schemas::value::{Value, ValueKind};

use super::scope::{Scope, Served, expressions};
use super::types::{expect, type_of};
use super::{Flow, trigger, verb};

/// Step Functions ends a standard execution after a year (Step Functions quotas, "state machine executions").
const LONGEST: Duration = Duration::from_seconds(365 * 24 * 3600);

/// Checks one workflow; `None` when something about it was reported.
pub fn check(workflow: &Workflow, served: &Served, diags: &mut Diagnostics) -> Option<Flow> {
    let before = diags.len();
    trigger::check(workflow, diags);
    if workflow.stages.is_empty() {
        let message = format!("the workflow `{}` has no stage", workflow.name.value);
        diags.push(Diagnostic::at(&codes::MISSING_BLOCK, workflow.span, message).help("add `stage \"NAME\" { … }`"));
    }
    check_time(workflow.timeout.value, workflow.timeout.span, diags);
    let needs: Vec<_> = workflow.stages.iter().map(|stage| needs(stage, workflow, diags)).collect();
    find_cycle(workflow, &needs, diags);

    let scope = Scope::of(workflow, served);
    let mut verbs = Vec::new();
    for stage in &workflow.stages {
        check_time(stage.timeout.value, stage.timeout.span, diags);
        if let Some(when) = &stage.when {
            check_expression(&when.value.0, "when", &Type::Bool, &scope, diags);
        }
        if let Some(verb) = verb::resolve(stage, served, &scope, diags) {
            for (expr, what, wanted) in expressions(&verb) {
                // What an `infer` stage sends was looked at against its tensor.
                if what != "inputs" {
                    check_expression(expr, what, &wanted, &scope, diags);
                }
                if what == "key" {
                    check_key(expr, diags);
                }
            }
            verbs.push(verb);
        }
    }
    if let Some(output) = &workflow.output {
        let mut ignored = BTreeSet::new();
        read_stages(&output.value.0, workflow, &mut ignored, diags);
        check_expression(&output.value.0, "output", &Type::Any, &scope, diags);
    }
    (diags.len() == before).then_some(Flow { verbs, needs })
}

fn check_expression(expr: &Expr, what: &str, wanted: &Type, scope: &Scope, diags: &mut Diagnostics) {
    let ty = type_of(expr, scope, diags);
    expect(expr, &ty, wanted, what, diags);
}

/// A key that is known when compiling is one that S3 takes: 1 to 1024 bytes (S3 User Guide, "Naming Amazon S3 objects").
fn check_key(key: &Expr, diags: &mut Diagnostics) {
    if let ExprKind::Literal(Value { kind: ValueKind::String(text), .. }) = &key.kind
        && !(1..=1024).contains(&text.len())
    {
        let message = format!("a key of {} bytes names no object", text.len());
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, key.span, message).help("write 1 to 1024 bytes"));
    }
}

fn check_time(timeout: Duration, span: Span, diags: &mut Diagnostics) {
    if timeout.0 < 1000 || !timeout.0.is_multiple_of(1000) || timeout > LONGEST {
        let message = format!("`{timeout}` is no timeout of a workflow or stage");
        let help = "write whole seconds, from \"1s\" to \"365d\"";
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, span, message).help(help));
    }
}

/// The stages whose outputs this one reads.
fn needs(stage: &Stage, workflow: &Workflow, diags: &mut Diagnostics) -> BTreeSet<usize> {
    let single = [&stage.key, &stage.body, &stage.subject, &stage.message, &stage.when];
    let mut found = BTreeSet::new();
    for expression in single.into_iter().flatten() {
        read_stages(&expression.value.0, workflow, &mut found, diags);
    }
    for (_, expr) in stage.inputs.iter().flat_map(|inputs| &inputs.value.0) {
        read_stages(expr, workflow, &mut found, diags);
    }
    found
}

fn read_stages(expr: &Expr, workflow: &Workflow, found: &mut BTreeSet<usize>, diags: &mut Diagnostics) {
    expr.walk(&mut |part| {
        let ExprKind::Stage(name) = &part.kind else { return };
        match workflow.stages.iter().position(|stage| *stage.name.value == *name.value) {
            Some(index) => {
                found.insert(index);
            }
            None => {
                let names = workflow.stages.iter().map(|stage| stage.name.as_ref());
                let help = did_you_mean(name, names.clone()).unwrap_or_else(|| {
                    let names: Vec<&str> = names.collect();
                    format!("there are `{}`", names.join("`, `"))
                });
                let message = format!("the workflow `{}` has no stage `{}`", workflow.name.value, name.value);
                diags.push(Diagnostic::at(&codes::UNDEFINED_REFERENCE, name.span, message).help(help));
            }
        }
    });
}

/// Reports a circle of stages that wait for each other, with the path of their names.
fn find_cycle(workflow: &Workflow, needs: &[BTreeSet<usize>], diags: &mut Diagnostics) {
    // Stages that can run are taken away until none is left, or only those on circles and behind them.
    let mut waiting: BTreeSet<usize> = (0..needs.len()).collect();
    loop {
        let ready: Vec<usize> = waiting.iter().copied().filter(|&at| needs[at].is_disjoint(&waiting)).collect();
        if ready.is_empty() {
            break;
        }
        for at in ready {
            waiting.remove(&at);
        }
    }
    // From any stage that waits, going to what it waits for leads into a circle.
    let Some(&start) = waiting.first() else { return };
    let mut path = vec![start];
    let circle = loop {
        let next = path.last().and_then(|&at| needs[at].iter().copied().find(|need| waiting.contains(need)));
        let Some(next) = next else { return };
        match path.iter().position(|&seen| seen == next) {
            Some(first) => break &path[first..],
            None => path.push(next),
        }
    };
    let name = |at: usize| workflow.stages[at].name.value.as_ref();
    let names: Vec<&str> = circle.iter().chain(circle.first()).map(|&at| name(at)).collect();
    let message = match circle {
        [_] => format!("the stage `{}` waits for itself", names[0]),
        _ => format!("stages wait for each other: {}", names.join(" -> ")),
    };
    let mut diagnostic = Diagnostic::at(&codes::CYCLE, workflow.stages[circle[0]].name.span, message)
        .help("take one of the references out");
    for (at, next) in circle.iter().zip(circle.iter().skip(1).chain(circle.first())) {
        let text = format!("`{}` reads `stage.{}`", name(*at), name(*next));
        let span = workflow.stages[*at].name.span;
        diagnostic = match diagnostic.labels.iter_mut().find(|label| label.span == span) {
            Some(label) => {
                label.text = text;
                diagnostic
            }
            None => diagnostic.label(span, text),
        };
    }
    diags.push(diagnostic);
}
