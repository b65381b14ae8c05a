//! Whole specs through parse and evaluate, and what they give or report.

mod expressions;
mod findings;
mod hostile;
mod library;
mod staging;
mod structure;

use std::collections::BTreeMap;

use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::expr::{Expr, ExprKind, For};
use windlass_schemas::source::Sources;
use windlass_schemas::value::{Value, ValueKind};

use super::{Evaluated, Inputs, evaluate};
use crate::modules::Folders;
use crate::parse::parse;

pub(super) fn compile(files: &[&str], environment: Option<&str>) -> (Evaluated, Vec<Diagnostic>, Sources) {
    let sources = Sources::default();
    let mut diags = Diagnostics::default();
    let ids: Vec<_> = files.iter().enumerate().map(|(at, text)| sources.add(format!("{at}.hcl"), *text)).collect();
    let bodies: Vec<_> = ids.into_iter().map(|id| (id, parse(&sources, id, &mut diags))).collect();
    let evaluated = evaluate(
        &sources,
        &Folders::root(bodies),
        &Inputs { environment, variables: &[] },
        &BTreeMap::new(),
        &mut diags,
    );
    (evaluated, diags.into_sorted(), sources)
}

/// A finding as `code: message [underlined]label … (help)`.
pub(super) fn show(finding: &Diagnostic, sources: &Sources) -> String {
    let mut text = format!("{}: {}", finding.code.name, finding.message);
    for label in &finding.labels {
        text += &format!(" [{}]{}", sources.slice(label.span), label.text);
    }
    if let Some(help) = &finding.help {
        text += &format!(" ({help})");
    }
    text
}

pub(super) fn findings(text: &str) -> Vec<String> {
    let (_, found, sources) = compile(&[text], None);
    found.iter().map(|finding| show(finding, &sources)).collect()
}

#[track_caller]
pub(super) fn finds(text: &str, expected: &[&str]) {
    assert_eq!(findings(text), expected, "in:\n{text}");
}

/// A value in JSON-like notation; deferred parts between ‹ ›.
pub(super) fn shown(value: &Value) -> String {
    match &value.kind {
        ValueKind::Null => "null".to_owned(),
        ValueKind::Bool(value) => value.to_string(),
        ValueKind::Number(number) => number.to_string(),
        ValueKind::String(text) => format!("{text:?}"),
        ValueKind::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        ValueKind::Object(entries) => {
            let entry = |(key, value): &(windlass_schemas::span::Spanned<String>, Value)| {
                format!("{}: {}", key.value, shown(value))
            };
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        ValueKind::Reference(reference) => format!("@{reference}"),
        ValueKind::Type(ty) => format!("<{ty}>"),
        ValueKind::Deferred(expr) => format!("‹{}›", shown_expr(expr)),
        ValueKind::Unknown => "?".to_owned(),
    }
}

fn shown_expr(expr: &Expr) -> String {
    let all = |parts: &[Expr]| parts.iter().map(shown_expr).collect::<Vec<_>>().join(", ");
    match &expr.kind {
        ExprKind::Literal(value) => shown(value),
        ExprKind::Input => "input".to_owned(),
        ExprKind::Stage(name) => format!("stage.{}", name.value),
        ExprKind::Metric(block, path) => {
            format!("{}!{}", block.value, path.iter().map(|p| p.value.as_str()).collect::<Vec<_>>().join("."))
        }
        ExprKind::Field(of, name) => format!("{}.{}", shown_expr(of), name.value),
        ExprKind::Index(of, key) => format!("{}[{}]", shown_expr(of), shown_expr(key)),
        ExprKind::Unary(op, of) => format!("{op:?}({})", shown_expr(of)),
        ExprKind::Binary(op, a, b) => format!("({} {} {})", shown_expr(a), op.symbol(), shown_expr(b)),
        ExprKind::Conditional(c, a, b) => format!("({} ? {} : {})", shown_expr(c), shown_expr(a), shown_expr(b)),
        ExprKind::Template(parts) => format!("t({})", all(parts)),
        ExprKind::List(items) => format!("[{}]", all(items)),
        ExprKind::Object(entries) => {
            let entry = |(key, e): &(windlass_schemas::span::Spanned<String>, Expr)| {
                format!("{}: {}", key.value, shown_expr(e))
            };
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        ExprKind::Call(name, args) => format!("{}({})", name.value, all(args)),
        ExprKind::Item => "item".to_owned(),
        ExprKind::Error => "error".to_owned(),
        ExprKind::Event => "event".to_owned(),
        ExprKind::Variable(name) => format!("${}", name.value),
        ExprKind::Elements(of) => format!("each({})", shown_expr(of)),
        ExprKind::For(of) => {
            let For { key_variable, variable, over, condition, key, value, groups } = &**of;
            let names = key_variable.iter().chain([variable]).map(String::as_str).collect::<Vec<_>>().join(", ");
            let key = key.as_ref().map(|key| format!("{} => ", shown_expr(key))).unwrap_or_default();
            let groups = if *groups { "..." } else { "" };
            let condition = condition.as_ref().map(|test| format!(" if {}", shown_expr(test))).unwrap_or_default();
            format!("for({names} in {}: {key}{}{groups}{condition})", shown_expr(over), shown_expr(value))
        }
    }
}

/// The attribute `x` of the last block.
#[track_caller]
pub(super) fn last_x(text: &str) -> String {
    let (evaluated, found, sources) = compile(&[text], None);
    let found: Vec<_> = found.iter().map(|f| show(f, &sources)).collect();
    assert_eq!(found, [""; 0], "in:\n{text}");
    evaluated.blocks.last().and_then(|block| block.get("x")).map_or_else(String::new, shown)
}
