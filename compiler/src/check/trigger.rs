//! What starts a workflow gives it the inputs that it needs.

use serde_json::Value as Json;
use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::span::Span;
use windlass_schemas::spec::Workflow;
use windlass_schemas::spec::values::to_json;
use windlass_schemas::suggest::{did_you_mean, nearest};
use windlass_schemas::types::Type;

use super::types::{accepts, article};

/// Reports defaults and inputs of triggers that don't fit what the workflow declares.
pub fn check(workflow: &Workflow, diags: &mut Diagnostics) {
    for input in &workflow.inputs {
        if let Some(default) = &input.default {
            check_type(&input.name, &input.r#type.value.0, &default.value.0, default.span, input.r#type.span, diags);
        }
    }
    for trigger in &workflow.triggers {
        let (fields, span) = match &trigger.input {
            Some(input) => (input.value.0.as_slice(), input.span),
            None => (&[][..], trigger.span),
        };
        // What a misspelt name was meant to be is not missing.
        let mut meant = Vec::new();
        for (name, _) in fields {
            let declared = workflow.inputs.iter().map(|input| input.name.as_ref());
            if !declared.clone().any(|declared: &str| declared == name.value) {
                let message = format!("the workflow `{}` has no input `{}`", workflow.name.value, name.value);
                meant.extend(nearest(name, declared.clone()));
                let help = did_you_mean(name, declared);
                diags.push(Diagnostic::at(&codes::UNDEFINED_REFERENCE, name.span, message).maybe_help(help));
            }
        }
        for input in &workflow.inputs {
            match fields.iter().find(|(name, _)| name.value == input.name.value.0) {
                Some((_, Expr { kind: ExprKind::Literal(value), span })) => {
                    if let Ok(value) = to_json(value) {
                        check_type(&input.name, &input.r#type.value.0, &value, *span, input.r#type.span, diags);
                    }
                }
                Some(_) => {}
                None if input.default.is_none() && !meant.contains(&input.name.as_ref()) => {
                    let name = &input.name.value;
                    let message = format!("this starts `{}` without its input `{name}`", workflow.name.value);
                    let help = format!("add `input = {{ {name} = … }}` here, or a `default` there");
                    let diagnostic = Diagnostic::at(&codes::MISSING_ATTRIBUTE, span, message)
                        .label(input.span, "declared here, without a default")
                        .help(help);
                    diags.push(diagnostic);
                }
                None => {}
            }
        }
    }
}

fn check_type(name: &str, wanted: &Type, given: &Json, span: Span, declared: Span, diags: &mut Diagnostics) {
    let ty = type_of_json(given);
    if !accepts(wanted, &ty) {
        let message = format!("the input `{name}` must be {}, and this is {}", article(wanted), article(&ty));
        diags.push(Diagnostic::at(&codes::WRONG_TYPE, span, message).label(declared, "declared here"));
    }
    if let Some(number) = inexact(given) {
        let message = format!("`{number}` is beyond what a running workflow can hold exactly");
        let help = "write it as a string, or keep it within 2^53";
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, span, message).help(help));
    }
}

/// A whole number in the data that 64 bits of floating point, in which a state machine computes, don't hold.
fn inexact(json: &Json) -> Option<i64> {
    match json {
        Json::Number(number) => number.as_i64().filter(|number| number.unsigned_abs() > 1 << 53),
        Json::Array(items) => items.iter().find_map(inexact),
        Json::Object(fields) => fields.values().find_map(inexact),
        _ => None,
    }
}

/// The type of JSON data.
fn type_of_json(json: &Json) -> Type {
    match json {
        Json::Null => Type::Null,
        Json::Bool(_) => Type::Bool,
        Json::Number(_) => Type::Number,
        Json::String(_) => Type::String,
        Json::Array(items) => {
            let mut types = items.iter().map(type_of_json);
            let first = types.next().unwrap_or(Type::Any);
            let element = if types.all(|ty| ty == first) { first } else { Type::Any };
            Type::List(Box::new(element), Some(items.len() as u64))
        }
        Json::Object(fields) => {
            Type::Object(fields.iter().map(|(name, value)| (name.clone(), type_of_json(value))).collect())
        }
    }
}
