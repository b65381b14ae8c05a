//! What a stage runs for, once each: the elements of a list, objects in a bucket, or rows of one.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::plan::{Each, Elements, Results, RowFormat, Verb};
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::spec::{Distribute, Stage, Workflow};
use windlass_schemas::types::Type;
use windlass_schemas::units::Percent;

use super::scope::{Site, stored_object};
use super::types::{check, expect, type_of};

/// Runs of one Map state at a time, when it is not distributed (Step Functions Developer Guide, "Map state in Inline mode").
const MOST_INLINE: u32 = 40;
/// Events in the history of an execution (Step Functions quotas).
const MOST_EVENTS: u64 = 25_000;
/// Events of an element: its run begins and ends, and its state is entered and exited.
const EVENTS: u64 = 4;
/// Events of one attempt of a task: it is scheduled, starts, and succeeds or fails.
const EVENTS_OF_ATTEMPT: u64 = 3;

/// What the stage runs for, with the type of `item` and the number of elements where it is known; `None` when it runs
/// once, or when something about it was reported.
pub fn resolve(
    stage: &Stage,
    workflow: &Workflow,
    site: &Site,
    diags: &mut Diagnostics,
) -> Option<(Each, Type, Option<u64>)> {
    if let (Some(over), Some(distribute)) = (&stage.for_each, &stage.distribute) {
        let message = format!("the stage `{}` has both `for_each` and `distribute`", stage.name.value);
        let diagnostic = Diagnostic::at(&codes::INVALID_VALUE, distribute.span, message)
            .label(over.span, "it runs for these already")
            .help("keep one: `for_each` for a list, `distribute` for what lies in a bucket");
        diags.push(diagnostic);
        return None;
    }
    if let Some(distribute) = &stage.distribute {
        return distributed(stage, distribute, workflow, site, diags);
    }
    let Some(over) = &stage.for_each else {
        if let Some(most) = &stage.max_concurrency {
            let message = "`max_concurrency` means nothing in a stage that runs once";
            let help =
                "it says how many elements of a `for_each` or `distribute` run at the same time; add one, or remove it";
            diags.push(Diagnostic::at(&codes::UNKNOWN_ATTRIBUTE, most.span, message).help(help));
        }
        return None;
    };
    let expr = &over.value.0;
    let ty = check(expr, &Type::List(Box::new(Type::Any), None), "for_each", site, diags);
    let (item, length) = match ty {
        Type::List(element, length) => (*element, length),
        _ => (Type::Any, None),
    };
    let each = Each {
        over: Elements::List(expr.clone()),
        max_concurrency: max_concurrency(stage, workflow, diags),
        distributed: false,
        batch: None,
        tolerate: Percent(0),
        results: None,
        origin: over.span,
    };
    Some((each, item, length))
}

/// Whether the runs need executions of their own, with histories of their own.
pub fn needs_executions(each: &Each, verb: &Verb, attempts: u64, length: Option<u64>, express: bool) -> bool {
    let tries = match verb {
        Verb::Wait(_) | Verb::Value(_) | Verb::Fail { .. } => 0,
        _ => EVENTS_OF_ATTEMPT * attempts,
    };
    let events = length.unwrap_or(0).saturating_mul(EVENTS + tries);
    let many = each.max_concurrency.as_ref().is_some_and(|most| most.value > MOST_INLINE);
    each.distributed || (!express && (many || events > MOST_EVENTS))
}

fn max_concurrency(stage: &Stage, workflow: &Workflow, diags: &mut Diagnostics) -> Option<Spanned<u32>> {
    let most = stage.max_concurrency.as_ref()?;
    if workflow.r#type.value.0 && most.value.0 > MOST_INLINE {
        let message = format!("an express workflow runs at most {MOST_INLINE} elements at the same time");
        let diagnostic = Diagnostic::at(&codes::LIMIT, most.span, message)
            .label(workflow.r#type.span, "it is one")
            .help("more need executions of their own, which only a standard workflow starts");
        diags.push(diagnostic);
    }
    Some(Spanned::new(most.value.0, most.span))
}

fn distributed(
    stage: &Stage,
    distribute: &Distribute,
    workflow: &Workflow,
    site: &Site,
    diags: &mut Diagnostics,
) -> Option<(Each, Type, Option<u64>)> {
    let before = diags.len();
    if workflow.r#type.value.0 {
        let message = "an express workflow can't start executions for elements of a bucket";
        let diagnostic = Diagnostic::at(&codes::LIMIT, distribute.span, message)
            .label(workflow.r#type.span, "it is one")
            .help("make it a standard workflow: leave `type` out");
        diags.push(diagnostic);
    }
    let over = elements(distribute, site, diags);
    if let (Some(prefix), None) = (&distribute.results_prefix, &distribute.results) {
        belongs("results_prefix", prefix.span, "results", diags);
    }
    let each = Each {
        over: over?,
        max_concurrency: max_concurrency(stage, workflow, diags),
        distributed: true,
        batch: distribute.batch.as_ref().map(|batch| batch.value.0),
        tolerate: distribute.tolerate.value,
        results: distribute.results.as_ref().map(|bucket| Results {
            bucket: bucket.0.clone(),
            prefix: distribute.results_prefix.as_ref().map_or_else(String::new, |prefix| prefix.value.clone()),
        }),
        origin: distribute.span,
    };
    if distribute.tolerate.value > Percent(10_000) {
        let message = format!("`{}` is more than all elements", distribute.tolerate.value);
        let help = "write the share of elements that may fail, up to \"100%\"";
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, distribute.tolerate.span, message).help(help));
    }
    let item = match &each.over {
        Elements::Rows { format: RowFormat::Csv, .. } => Type::Map(Box::new(Type::String)),
        Elements::Rows { .. } => Type::Any,
        _ => stored_object(),
    };
    let item = if each.batch.is_some() { Type::List(Box::new(item), None) } else { item };
    (diags.len() == before).then_some((each, item, None))
}

fn elements(distribute: &Distribute, site: &Site, diags: &mut Diagnostics) -> Option<Elements> {
    match (&distribute.objects, &distribute.rows) {
        (None, None) => {
            let message = "this `distribute` goes over nothing";
            let help =
                "add `objects = bucket.NAME` for every object in it, or `rows = bucket.NAME` for every row of one";
            diags.push(Diagnostic::at(&codes::MISSING_ATTRIBUTE, distribute.span, message).help(help));
            None
        }
        (Some(objects), Some(rows)) => {
            let message = "this `distribute` goes over both objects and rows";
            let diagnostic = Diagnostic::at(&codes::INVALID_VALUE, rows.span, message)
                .label(objects.span, "the first")
                .help("make two stages of it");
            diags.push(diagnostic);
            None
        }
        (Some(objects), None) => {
            for (name, span) in [
                ("key", distribute.key.as_ref().map(|key| key.span)),
                ("format", distribute.format.as_ref().map(|format| format.span)),
            ] {
                span.into_iter().for_each(|span| belongs(name, span, "rows", diags));
            }
            let prefix = distribute.prefix.as_ref().map(|prefix| prefix.value.0.clone());
            if let Some(prefix) = &prefix {
                check(prefix, &Type::String, "prefix", site, diags);
            }
            Some(Elements::Objects { bucket: objects.0.clone(), prefix })
        }
        (None, Some(rows)) => {
            if let Some(prefix) = &distribute.prefix {
                belongs("prefix", prefix.span, "objects", diags);
            }
            for (name, given, help) in [
                ("key", distribute.key.is_some(), "add `key = \"…\"`, the key of the object that holds them"),
                ("format", distribute.format.is_some(), "add `format = \"csv\"`, or \"json\" or \"jsonl\""),
            ] {
                if !given {
                    let message = format!("this `distribute` has `rows` without `{name}`");
                    diags.push(Diagnostic::at(&codes::MISSING_ATTRIBUTE, distribute.span, message).help(help));
                }
            }
            let key = distribute.key.as_ref()?.value.0.clone();
            let ty = type_of(&key, site, diags);
            expect(&key, &ty, &Type::String, "key", diags);
            Some(Elements::Rows { bucket: rows.0.clone(), key, format: distribute.format.as_ref()?.value.0 })
        }
    }
}

/// Reports an attribute that means nothing without another.
fn belongs(name: &str, span: Span, with: &str, diags: &mut Diagnostics) {
    let message = format!("`{name}` means nothing without `{with}`");
    let help = format!("it belongs to `{with}`; remove it");
    diags.push(Diagnostic::at(&codes::UNKNOWN_ATTRIBUTE, span, message).help(help));
}
