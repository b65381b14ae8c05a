//! What starts a workflow, and with which input; what its inputs must be.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::plan::{Occasion, Outcome, Shift, Trigger as Planned, Validation};
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::spec::values::from_json;
use windlass_schemas::spec::{Input, Shift as Rollout, Trigger, Workflow};
use windlass_schemas::types::Type;
use windlass_schemas::units::{Duration, Percent};

use super::scope::{Place, Scope, Site, object, stored_object};
use super::start::{check_input, exact};
use super::types::{accepts, article, check, type_of_value};

/// Reports defaults that are not of the input's type, and rules that say nothing. The rules are returned.
pub fn inputs(workflow: &Workflow, scope: &Scope, diags: &mut Diagnostics) -> Vec<Validation> {
    let mut validations = Vec::new();
    for input in &workflow.inputs {
        check_default(input, diags);
        for validation in &input.validations {
            let condition = &validation.condition.value.0;
            let site = Site::new(scope, Place::Validation);
            check(condition, &Type::Bool, "condition", &site, diags);
            if let ExprKind::Literal(_) = &condition.kind {
                let message = "this rule does not look at the input";
                let help = format!("write a condition about `input.{}`", input.name.value);
                diags.push(Diagnostic::at(&codes::INVALID_VALUE, condition.span, message).help(help));
            }
            if validation.error_message.value.trim().is_empty() {
                let message = "the message is empty";
                let help = "say what the input must be";
                diags.push(Diagnostic::at(&codes::INVALID_VALUE, validation.error_message.span, message).help(help));
            }
            validations
                .push(Validation { condition: condition.clone(), message: validation.error_message.value.clone() });
        }
    }
    validations
}

fn check_default(input: &Input, diags: &mut Diagnostics) {
    let Some(default) = &input.default else { return };
    let (wanted, value) = (&input.ty(), from_json(&default.value.0, default.span));
    let ty = type_of_value(&value);
    if !accepts(wanted, &ty) {
        let message =
            format!("the input `{}` must be {}, and this is {}", input.name.value, article(wanted), article(&ty));
        let diagnostic = Diagnostic::at(&codes::WRONG_TYPE, default.span, message);
        diags.push(diagnostic.label(input.r#type.span, "declared here"));
    }
    exact(&value, default.span, diags);
}

/// What starts the workflow; `None` for a trigger about which something was reported.
pub fn resolve(trigger: &Trigger, workflow: &Workflow, scope: &Scope, diags: &mut Diagnostics) -> Option<Planned> {
    let before = diags.len();
    let occasion = occasion(trigger, diags);
    let event = match &occasion {
        Some(Occasion::Object { .. }) => Some(stored_object()),
        Some(Occasion::Finished { .. }) => {
            Some(object(&[("execution", Type::String), ("status", Type::String), ("output", Type::String)]))
        }
        Some(Occasion::Alert { .. }) => Some(object(&[("reason", Type::String), ("time", Type::String)])),
        Some(Occasion::Schedule { .. }) => None,
        // What it is was reported; what `event` is can't be told.
        None => Some(Type::Any),
    };
    let given: Vec<&(Spanned<String>, Expr)> = trigger.input.iter().flat_map(|input| &input.value.0).collect();
    let place = trigger.input.as_ref().map_or(trigger.span, |input| input.span);
    let site = Site::new(scope, Place::Trigger(event));
    check_input(workflow, &given, place, &site, diags);
    let mut input: Vec<(String, Expr)> =
        given.into_iter().map(|(name, value)| (name.value.clone(), value.clone())).collect();
    // Defaults are filled in here, so that a look at the trigger tells what it starts with.
    for declared in &workflow.inputs {
        if let Some(default) = &declared.default
            && !input.iter().any(|(name, _)| *name == declared.name.value.0)
        {
            let value = from_json(&default.value.0, default.span);
            input.push((declared.name.to_string(), Expr::new(ExprKind::Literal(value), default.span)));
        }
    }
    input.sort_by(|(a, _), (b, _)| a.cmp(b));
    let when = occasion.filter(|_| diags.len() == before)?;
    Some(Planned { when, input, origin: trigger.span })
}

fn occasion(trigger: &Trigger, diags: &mut Diagnostics) -> Option<Occasion> {
    let kinds: Vec<(&str, Span)> = [
        ("schedule", trigger.schedule.as_ref().map(|given| given.span)),
        ("objects", trigger.objects.as_ref().map(|given| given.span)),
        ("workflow", trigger.workflow.as_ref().map(|given| given.span)),
        ("alert", trigger.alert.as_ref().map(|given| given.span)),
    ]
    .into_iter()
    .filter_map(|(name, span)| Some((name, span?)))
    .collect();
    let kind = match kinds.as_slice() {
        [] => {
            let message = "this trigger waits for nothing";
            let help = "give it one of `schedule`, `objects`, `workflow` and `alert`";
            diags.push(Diagnostic::at(&codes::MISSING_ATTRIBUTE, trigger.span, message).help(help));
            return None;
        }
        [(kind, _)] => *kind,
        [(first, at), (second, span), ..] => {
            let message = format!("this trigger waits for two things: `{first}` and `{second}`");
            let diagnostic = Diagnostic::at(&codes::INVALID_VALUE, *span, message)
                .label(*at, "the first")
                .help("make two triggers of it: a workflow may have several");
            diags.push(diagnostic);
            return None;
        }
    };
    for (name, with, span) in [
        ("timezone", "schedule", trigger.timezone.as_ref().map(|given| given.span)),
        ("prefix", "objects", trigger.prefix.as_ref().map(|given| given.span)),
        ("suffix", "objects", trigger.suffix.as_ref().map(|given| given.span)),
        ("outcome", "workflow", trigger.outcome.as_ref().map(|given| given.span)),
    ] {
        if let Some(span) = span
            && with != kind
        {
            let message = format!("`{name}` means nothing in a trigger with `{kind}`");
            let help = format!("it belongs to `{with}`; remove it");
            diags.push(Diagnostic::at(&codes::UNKNOWN_ATTRIBUTE, span, message).help(help));
        }
    }
    if let Some(schedule) = trigger.schedule.as_ref() {
        let timezone = trigger.timezone.as_ref().map_or_else(|| "UTC".to_owned(), |zone| zone.to_string());
        return Some(Occasion::Schedule { expression: schedule.to_string(), timezone });
    }
    if let Some(bucket) = &trigger.objects {
        let text = |given: &Option<Spanned<String>>| given.as_ref().map(|given| given.value.clone());
        let (prefix, suffix) = (text(&trigger.prefix), text(&trigger.suffix));
        return Some(Occasion::Object { bucket: bucket.0.clone(), prefix, suffix });
    }
    if let Some(workflow) = &trigger.workflow {
        let outcome = trigger.outcome.as_ref().map_or(Outcome::Succeeded, |outcome| outcome.value.0);
        return Some(Occasion::Finished { workflow: workflow.0.clone(), outcome });
    }
    trigger.alert.as_ref().map(|alert| Occasion::Alert { alert: alert.0.clone() })
}

/// How executions move to a new version; `None` when something about it was reported.
pub fn shift(rollout: &Rollout, diags: &mut Diagnostics) -> Option<Shift> {
    let before = diags.len();
    let (percent, interval) = (&rollout.percent, &rollout.interval);
    if percent.value < Percent(100) || percent.value > Percent(9_900) || !percent.value.0.is_multiple_of(100) {
        let message = format!("a share of `{}` can't move to the new version first", percent.value);
        let help = "write whole percents, from \"1%\" to \"99%\"";
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, percent.span, message).help(help));
    }
    let minute = Duration::from_seconds(60);
    if interval.value < minute
        || interval.value > Duration(2100 * minute.0)
        || !interval.value.0.is_multiple_of(minute.0)
    {
        let message = format!("`{}` is no time between two shares", interval.value);
        let help = "write whole minutes, from \"1m\" to \"35h\"";
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, interval.span, message).help(help));
    }
    let alerts = rollout.abort_on.iter().flat_map(|alerts| &alerts.value);
    let names: Vec<String> = alerts.map(|alert| alert.0.clone()).collect();
    if let Some((_, twice)) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        let span = rollout.abort_on.as_ref().map_or(rollout.span, |alerts| alerts.span);
        let message = format!("the alert `{twice}` is named twice");
        diags.push(Diagnostic::at(&codes::DUPLICATE_NAME, span, message).help("name it once"));
    }
    (diags.len() == before).then_some(Shift {
        linear: rollout.kind.value.0,
        percent: percent.value,
        interval: interval.value,
        abort_on: names,
        origin: rollout.span,
    })
}
