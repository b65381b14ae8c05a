//! What starts an execution gives it the inputs that it needs, and no two workflows start each other without end.

use std::collections::{BTreeMap, BTreeSet};

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::spec::values::WorkflowRef;
use windlass_schemas::spec::{Spec, Stage, Trigger, Workflow};
use windlass_schemas::suggest::{did_you_mean, nearest};
use windlass_schemas::value::{Number, Value, ValueKind};

use super::scope::Site;
use super::types::{accepts, article, type_of};

/// The input that a stage starts a workflow with.
pub fn input(
    stage: &Stage,
    starts: &Spanned<WorkflowRef>,
    spec: &Spec,
    site: &Site,
    diags: &mut Diagnostics,
) -> Vec<(String, Expr)> {
    let Some(workflow) = spec.workflows.iter().find(|workflow| *workflow.name.value.0 == *starts.0) else {
        return Vec::new();
    };
    if workflow.r#type.value.0 {
        let message = format!("the end of an express workflow can't be waited for, and `{}` is one", starts.0);
        let diagnostic = Diagnostic::at(&codes::LIMIT, starts.span, message)
            .label(workflow.r#type.span, "here")
            .help("make it a standard workflow: leave its `type` out");
        diags.push(diagnostic);
    }
    let given = stage.input.iter().flat_map(|input| &input.value.0);
    let given: Vec<&(Spanned<String>, Expr)> = given.collect();
    let place = stage.input.as_ref().map_or(starts.span, |input| input.span);
    check_input(workflow, &given, place, site, diags);
    given.into_iter().map(|(name, value)| (name.value.clone(), value.clone())).collect()
}

/// Reports inputs that the workflow does not have, that it lacks, and those of a wrong type.
pub fn check_input(
    workflow: &Workflow,
    given: &[&(Spanned<String>, Expr)],
    place: Span,
    site: &Site,
    diags: &mut Diagnostics,
) {
    // What a misspelt name was meant to be is not missing.
    let mut meant = Vec::new();
    let declared = || workflow.inputs.iter().map(|input| &**input.name);
    for (name, value) in given {
        let ty = type_of(value, site, diags);
        match workflow.inputs.iter().find(|input| *input.name.value == *name.value) {
            Some(input) => {
                let wanted = &input.ty();
                if !accepts(wanted, &ty) {
                    let message =
                        format!("the input `{}` must be {}, and this is {}", name.value, article(wanted), article(&ty));
                    let diagnostic = Diagnostic::at(&codes::WRONG_TYPE, value.span, message);
                    diags.push(diagnostic.label(input.r#type.span, "declared here"));
                }
                if let ExprKind::Literal(value) = &value.kind {
                    exact(value, value.span, diags);
                }
            }
            None => {
                let message = format!("the workflow `{}` has no input `{}`", workflow.name.value, name.value);
                meant.extend(nearest(name, declared()));
                let help = did_you_mean(name, declared()).unwrap_or_else(|| match workflow.inputs.is_empty() {
                    true => format!("declare it there: `input \"{}\" {{ type = … }}`", name.value),
                    false => format!("its inputs are `{}`", declared().collect::<Vec<_>>().join("`, `")),
                });
                let diagnostic = Diagnostic::at(&codes::UNDEFINED_REFERENCE, name.span, message).help(help);
                diags.push(diagnostic);
            }
        }
    }
    for input in &workflow.inputs {
        let is_given = given.iter().any(|(name, _)| name.value == input.name.value.0);
        if !is_given && input.default.is_none() && !meant.contains(&&**input.name) {
            let name = &input.name.value;
            let message = format!("this starts `{}` without its input `{name}`", workflow.name.value);
            let help = format!("add `input = {{ {name} = … }}` here, or a `default` there");
            let diagnostic = Diagnostic::at(&codes::MISSING_ATTRIBUTE, place, message)
                .label(input.span, "declared here, without a default")
                .help(help);
            diags.push(diagnostic);
        }
    }
}

/// Reports whole numbers that 64 bits of floating point, in which a state machine computes, don't hold.
pub fn exact(value: &Value, span: Span, diags: &mut Diagnostics) {
    if let Some(number) = inexact(value) {
        let message = format!("`{number}` is beyond what a running workflow can hold exactly");
        let help = "write it as a string, or keep it within 2^53";
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, span, message).help(help));
    }
}

fn inexact(value: &Value) -> Option<i64> {
    match &value.kind {
        ValueKind::Number(Number::Int(number)) => Some(*number).filter(|number| number.unsigned_abs() > 1 << 53),
        ValueKind::List(items) => items.iter().find_map(inexact),
        ValueKind::Object(fields) => fields.iter().find_map(|(_, value)| inexact(value)),
        _ => None,
    }
}

/// Why the end of one workflow, or a stage of it, starts another.
struct Start {
    span: Span,
    how: String,
}

/// The workflows in an order in which each comes after those that its stages start. Circles are reported.
pub fn order(spec: &Spec, diags: &mut Diagnostics) -> Vec<usize> {
    let index: BTreeMap<&str, usize> =
        spec.workflows.iter().enumerate().map(|(at, workflow)| (&*workflow.name.value, at)).collect();
    let mut starts: Vec<BTreeMap<usize, Start>> = spec.workflows.iter().map(|_| BTreeMap::new()).collect();
    for (at, workflow) in spec.workflows.iter().enumerate() {
        for stage in &workflow.stages {
            if let Some((other, start)) = stage.start.as_ref().and_then(|start| Some((*index.get(&*start.0)?, start))) {
                let how = format!("`{}` starts `{}`", workflow.name.value, start.0);
                starts[at].entry(other).or_insert(Start { span: start.span, how });
            }
        }
        for trigger in &workflow.triggers {
            if let Some((other, ends)) = trigger.workflow.as_ref().and_then(|ends| Some((*index.get(&*ends.0)?, ends)))
            {
                let how = format!("`{}` begins when `{}` ends", workflow.name.value, ends.0);
                starts[other].entry(at).or_insert(Start { span: ends.span, how });
            }
            for (other, span) in writers(trigger, spec) {
                let name = &spec.workflows[other].name.value;
                let how = format!("`{}` begins when `{name}` writes this", workflow.name.value);
                starts[other].entry(at).or_insert(Start { span, how });
            }
        }
    }
    let mut order = Vec::with_capacity(starts.len());
    let mut path: Vec<usize> = Vec::new();
    let mut done = BTreeSet::new();
    for at in 0..starts.len() {
        visit(at, spec, &starts, &mut path, &mut done, &mut order, diags);
    }
    order
}

/// Depth first. It goes as deep as workflows start each other, which are few.
fn visit(
    at: usize,
    spec: &Spec,
    starts: &[BTreeMap<usize, Start>],
    path: &mut Vec<usize>,
    done: &mut BTreeSet<usize>,
    order: &mut Vec<usize>,
    diags: &mut Diagnostics,
) {
    if done.contains(&at) {
        return;
    }
    if let Some(begin) = path.iter().position(|known| *known == at) {
        report(&path[begin..], spec, starts, diags);
        return;
    }
    path.push(at);
    for next in starts[at].keys() {
        visit(*next, spec, starts, path, done, order, diags);
    }
    path.pop();
    done.insert(at);
    order.push(at);
}

fn report(circle: &[usize], spec: &Spec, starts: &[BTreeMap<usize, Start>], diags: &mut Diagnostics) {
    let name = |at: &usize| spec.workflows[*at].name.value.to_string();
    let names: Vec<String> = circle.iter().chain(circle.first()).map(name).collect();
    let message = match circle {
        [_] => format!("the workflow `{}` starts itself, without end", names[0]),
        _ => format!("workflows start each other, without end: {}", names.join(" -> ")),
    };
    let steps = circle.iter().zip(circle.iter().skip(1).chain(circle.first()));
    let mut edges = steps.filter_map(|(at, next)| starts[*at].get(next));
    let Some(first) = edges.next() else { return };
    let mut diagnostic = Diagnostic::at(&codes::CYCLE, first.span, message)
        .saying(first.how.clone())
        .help("each execution would lead to another; take one of these out");
    for edge in edges {
        diagnostic = diagnostic.label(edge.span, edge.how.clone());
    }
    diags.push(diagnostic);
}

/// The workflows that surely write an object which the trigger waits for, with the place of the key.
fn writers(trigger: &Trigger, spec: &Spec) -> Vec<(usize, Span)> {
    let Some(bucket) = &trigger.objects else { return Vec::new() };
    let prefix = trigger.prefix.as_ref().map_or("", |prefix| prefix.value.as_str());
    let suffix = trigger.suffix.as_ref().map_or("", |suffix| suffix.value.as_str());
    let mut found = Vec::new();
    for (at, workflow) in spec.workflows.iter().enumerate() {
        for stage in workflow.stages.iter().filter(|stage| stage.when.is_none()) {
            let (Some(to), Some(key)) = (&stage.write, &stage.key) else { continue };
            let (begins, ends) = known_ends(&key.value.0);
            if to.0 == bucket.0 && begins.starts_with(prefix) && ends.ends_with(suffix) {
                found.push((at, key.span));
            }
        }
    }
    found
}

/// What a text begins and ends with, as far as that is known when compiling.
fn known_ends(expr: &Expr) -> (&str, &str) {
    match &expr.kind {
        ExprKind::Literal(Value { kind: ValueKind::String(text), .. }) => (text, text),
        ExprKind::Template(parts) => {
            let begins = parts.first().map_or("", |part| known_ends(part).0);
            (begins, parts.last().map_or("", |part| known_ends(part).1))
        }
        _ => ("", ""),
    }
}
