//! Findings as one JSON document, in the shape of OpenTofu's `validate -json`.
//!
//! `schemas/diagnostics.schema.json` describes it. A change that a reader could stumble over raises the first number of
//! [`VERSION`]; a new field raises the second.

use serde_json::{Value, json};
use windlass_schemas::diagnostic::{Diagnostic, Label, Severity};
use windlass_schemas::span::Span;

use super::places::{Places, Point};
use super::{Findings, statement};

/// The version of the format.
const VERSION: &str = "1.0";

/// All findings, also when there are none.
pub fn json(findings: &Findings) -> String {
    let places = Places::new(findings.sources);
    let (errors, warnings) = findings.counts();
    let told: Vec<Value> = findings.found.iter().map(|found| diagnostic(found, findings, &places)).collect();
    let document = json!({
        "format_version": VERSION,
        "valid": errors == 0,
        "error_count": errors,
        "warning_count": warnings,
        "diagnostics": told,
    });
    format!("{document:#}\n")
}

fn diagnostic(found: &Diagnostic, findings: &Findings, places: &Places) -> Value {
    let severity = match findings.severity(found) {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut told = json!({
        "severity": severity,
        "code": found.code.name,
        "summary": found.message,
        "detail": found.help.as_deref().unwrap_or_default(),
    });
    let Some((primary, others)) = found.labels.split_first() else { return told };
    let excerpt = places.excerpt(primary.span);
    let values = found.values.iter().map(|(name, value)| json!({ "traversal": name, "statement": statement(value) }));
    told["range"] = range(primary.span, findings, places);
    told["snippet"] = json!({
        "code": excerpt.text,
        "start_line": excerpt.line,
        "highlight_start_offset": excerpt.range.start,
        "highlight_end_offset": excerpt.range.end,
        "label": primary.text,
        "values": values.collect::<Vec<_>>(),
    });
    told["related"] = others.iter().map(|label| related(label, findings, places)).collect();
    told
}

fn related(label: &Label, findings: &Findings, places: &Places) -> Value {
    let excerpt = places.excerpt(label.span);
    json!({
        "message": label.text,
        "range": range(label.span, findings, places),
        "code": excerpt.text,
    })
}

fn range(span: Span, findings: &Findings, places: &Places) -> Value {
    let source = findings.sources.get(span.file);
    let (start, end) = places.range(span);
    let point = |point: Point| json!({ "line": point.line, "column": point.column, "byte": point.byte });
    json!({
        "filename": findings.path(source),
        "rendered": !source.is_file(),
        "start": point(start),
        "end": point(end),
    })
}
