//! The words for what is wrong with a type.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::span::Spanned;
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::types::Type;

use super::super::scope::{Absent, Place, Runs, Scope, Site};
use super::narrow::path;
use crate::evaluate::SPLAT;

/// The type as a noun with its article.
pub fn article(ty: &Type) -> String {
    match ty {
        Type::Null => "null".to_owned(),
        Type::Any => "any value".to_owned(),
        Type::List(element, _) if **element == Type::Any => "a list".to_owned(),
        Type::Object(_) => format!("an {ty}"),
        Type::Optional(_) => format!("an {ty}"),
        _ => format!("a {ty}"),
    }
}

/// How a value of one type becomes one of another.
pub fn conversion(wanted: &Type, given: &Type) -> Option<String> {
    let help = match (wanted, given) {
        (Type::String, Type::Number | Type::Bool) => "put it in a template: `\"${…}\"`",
        (Type::String, Type::Object(_) | Type::List(..) | Type::Map(_)) => "write it as JSON: `jsonencode(…)`",
        (Type::Number, Type::String) => "convert it: `tonumber(…)`",
        (Type::Bool, Type::Number) => "compare it, as in `… > 0.5`",
        (Type::List(..), Type::Object(_) | Type::Map(_)) => {
            "make a list of it: `[for key, value in … : { key = key, value = value }]`"
        }
        (Type::List(element, _), given) if **element == *given => "put it in brackets: `[…]`",
        _ => return None,
    };
    Some(help.to_owned())
}

/// How to use what may be null.
pub fn guard(expr: &Expr) -> String {
    match path(expr).filter(|path| !path.starts_with(SPLAT)) {
        Some(path) => format!("say what to take instead: `coalesce({path}, …)`, or `{path} != null ? {path} : …`"),
        None => "say what to take instead: `coalesce(…, …)`".to_owned(),
    }
}

/// What may be null is used as if it were not.
pub fn may_be_null(expr: &Expr, scope: &Scope) -> Diagnostic {
    if let ExprKind::Stage(name) = &expr.kind
        && let Some(absent) = scope.stage(name).and_then(|stage| stage.absent)
    {
        let (message, place, label) = match absent {
            Absent::Skipped(when) => (
                format!("the stage `{}` may have been skipped, and then has no outputs", name.value),
                when,
                "it is skipped unless this is true",
            ),
            Absent::Failed(on_error) => (
                format!("the stage `{}` may have failed, and then has no outputs", name.value),
                on_error,
                "the execution goes on when it fails",
            ),
            Absent::Handler(on_error) => (
                format!("the stage `{}` may not have run, and then has no outputs", name.value),
                on_error,
                "it runs only when this stage fails",
            ),
        };
        let help = format!(
            "ask first: `stage.{0} != null ? stage.{0}… : …`, or with `when = stage.{0} != null` in the stage that reads it",
            name.value
        );
        return Diagnostic::at(&codes::INVALID_OPERAND, name.span, message).label(place, label).help(help);
    }
    Diagnostic::at(&codes::INVALID_OPERAND, expr.span, format!("{} may be null", owner(expr))).help(guard(expr))
}

/// A name that exists in a workflow, but not in this place.
pub fn not_here(expr: &Expr, site: &Site) -> Diagnostic {
    let name = match &expr.kind {
        ExprKind::Input => "input",
        ExprKind::Item => "item",
        ExprKind::Error => "error",
        ExprKind::Event => "event",
        _ => "stage",
    };
    let (message, help) = match (&expr.kind, &site.place) {
        (ExprKind::Event, Place::Trigger(_)) => (
            "a schedule brings no `event`".to_owned(),
            "triggers with `objects`, `workflow` or `alert` have one; give a schedule's executions plain values",
        ),
        (_, Place::Trigger(_)) => (
            format!("`{name}` is not known before the workflow begins"),
            "the input of a trigger is made of plain values and of `event`",
        ),
        (_, Place::Validation) => (
            format!("`{name}` is not known when an input is looked at"),
            "the condition of a `validation` is about `input`",
        ),
        (ExprKind::Event, _) => (
            "`event` exists only in the input of a trigger".to_owned(),
            "hand it over there, as in `input = { key = event.key }`, and read `input.key` here",
        ),
        (ExprKind::Item, Place::Stage(_)) => (
            "`item` exists only in a stage with `for_each` or `distribute`".to_owned(),
            "it is the element that the stage runs for; `when` is looked at once, before any",
        ),
        (ExprKind::Item, _) => (
            "`item` exists only in a stage with `for_each` or `distribute`".to_owned(),
            "read the outputs of all elements: `stage.NAME[*]`",
        ),
        (ExprKind::Error, _) => (
            "`error` exists only in a stage that handles the errors of another".to_owned(),
            "a stage is one when another says so: `on_error = stage.NAME`",
        ),
        _ => (format!("`{name}` is not known here"), "its value is known only inside of a stage"),
    };
    Diagnostic::at(&codes::UNDEFINED_REFERENCE, expr.span, message).help(help)
}

/// An object that has fields, but not this one.
pub fn no_field(of: &Expr, name: &Spanned<String>, fields: &[(String, Type)], scope: &Scope) -> Diagnostic {
    let owner = owner(of);
    let stage = match &of.kind {
        ExprKind::Stage(name) => scope.stage(name),
        _ => None,
    };
    let help = did_you_mean(name, fields.iter().map(|(field, _)| field.as_str())).unwrap_or_else(|| {
        match (fields, &of.kind, stage) {
            ([], ExprKind::Input, _) => format!("declare it: `input \"{}\" {{ type = … }}`", name.value),
            ([], _, Some(stage)) if stage.each.is_some_and(|each| each.elsewhere) => {
                "its results are written to a bucket: read them there, with a stage of its own".to_owned()
            }
            ([], _, Some(stage)) if stage.spec.fail.is_some() => "it ends the execution".to_owned(),
            ([], _, Some(stage)) if stage.spec.wait.is_some() => "it only waits".to_owned(),
            ([], ..) => "it has no fields".to_owned(),
            _ => {
                let names: Vec<String> = fields.iter().map(|(field, _)| format!("`{field}`")).collect();
                format!("it has {}", names.join(", "))
            }
        }
    });
    let message = format!("{owner} has no field `{}`", name.value);
    let mut diagnostic = Diagnostic::at(&codes::UNDEFINED_REFERENCE, name.span, message).help(help);
    // The outputs of a model are declared in its file.
    if let ExprKind::Field(run, outputs) = &of.kind
        && outputs.value == "outputs"
        && let Some(model) = stage_of(run).and_then(|name| scope.stage(name)).and_then(|stage| stage.model)
        && let (Some((first, _)), Some((last, _))) = (fields.first(), fields.last())
    {
        diagnostic = diagnostic.label(model.place(Some(first)).to(model.place(Some(last))), "the model's outputs");
    }
    diagnostic
}

/// What is asked for a field. The elements of a splat have no name that the user knows.
fn owner(of: &Expr) -> String {
    match (&of.kind, path(of)) {
        (ExprKind::Variable(name), _) if name.value.starts_with(SPLAT) => "the element".to_owned(),
        (_, Some(path)) if !path.starts_with(SPLAT) => format!("`{path}`"),
        _ => "this".to_owned(),
    }
}

/// The stage whose outputs an expression is: those of its only run, or of one of several.
fn stage_of(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Stage(name) => Some(&name.value),
        ExprKind::Index(of, _) => stage_of(of),
        _ => None,
    }
}

/// Something that has no fields at all.
pub fn no_fields(of: &Expr, name: &Spanned<String>, ty: &Type, scope: &Scope) -> Diagnostic {
    let refuse = |message: String| Diagnostic::at(&codes::INVALID_OPERAND, name.span, message);
    if let ExprKind::Stage(stage) = &of.kind
        && let Some(Runs { span, .. }) = scope.stage(stage).and_then(|stage| stage.each)
    {
        let path = format!("stage.{}", stage.value);
        return refuse(format!("`{path}` is a list, because the stage runs for every element of one"))
            .label(span, "here")
            .help(format!("take the outputs of one, as in `{path}[0].{0}`, or of all: `{path}[*].{0}`", name.value));
    }
    let help = match ty {
        Type::List(..) => Some("take an element of it first, as in `…[0]`".to_owned()),
        _ => None,
    };
    refuse(format!("{} has no field `{}`", article(ty), name.value)).maybe_help(help)
}
