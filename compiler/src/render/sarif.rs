//! Findings as a SARIF 2.1.0 log, which code scanning and editors read.
//!
//! The rules are the codes that were found, each with its page. A place in a text that windlass made, such as the
//! signature of a model file, names the file without a region: the file itself has no such line.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use windlass_schemas::codes::Code;
use windlass_schemas::diagnostic::{Diagnostic, Label, Severity};
use windlass_schemas::source::Origin;
use windlass_schemas::span::Span;

use super::places::Places;
use super::{Findings, statement};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// All findings, also when there are none.
pub fn sarif(findings: &Findings) -> String {
    let places = Places::new(findings.sources);
    let found: BTreeMap<&str, &Code> = findings.found.iter().map(|found| (found.code.name, found.code)).collect();
    let rules: Vec<Value> = found.values().map(|code| rule(code)).collect();
    let index: BTreeMap<&str, usize> = found.keys().enumerate().map(|(at, name)| (*name, at)).collect();
    let results: Vec<Value> = findings
        .found
        .iter()
        .map(|found| result(found, index.get(found.code.name).copied().unwrap_or_default(), findings, &places))
        .collect();
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "windlass",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn rule(code: &Code) -> Value {
    json!({
        "id": code.name,
        "shortDescription": { "text": code.summary() },
        "help": { "text": code.page, "markdown": code.page },
        "defaultConfiguration": { "level": level(code.severity) },
    })
}

fn result(found: &Diagnostic, rule: usize, findings: &Findings, places: &Places) -> Value {
    let mut text = found.message.clone();
    let mut told = json!({
        "ruleId": found.code.name,
        "ruleIndex": rule,
        "level": level(findings.severity(found)),
    });
    if let Some((primary, others)) = found.labels.split_first() {
        if !primary.text.is_empty() {
            text += &format!(": {}", primary.text);
        }
        for (name, value) in &found.values {
            text += &format!("\n{name} {}", statement(value));
        }
        match location(primary.span, findings, places) {
            Some(location) => told["locations"] = json!([{ "physicalLocation": location }]),
            None => text += &format!(", in `{}`", findings.sources.get(primary.span.file).name),
        }
        if !others.is_empty() {
            let related = others.iter().enumerate().map(|(at, label)| related(at, label, findings, places));
            told["relatedLocations"] = related.collect();
        }
    }
    if let Some(help) = &found.help {
        text += &format!("\n{help}");
    }
    told["message"] = json!({ "text": text });
    told
}

fn related(at: usize, label: &Label, findings: &Findings, places: &Places) -> Value {
    let mut text = label.text.clone();
    if !findings.sources.get(label.span.file).is_file() {
        text += &format!(": {}", places.excerpt(label.span).text.trim());
    }
    let mut told = json!({ "id": at, "message": { "text": text } });
    if let Some(location) = location(label.span, findings, places) {
        told["physicalLocation"] = location;
    }
    told
}

/// A place in a file; `None` for what came on the command line.
fn location(span: Span, findings: &Findings, places: &Places) -> Option<Value> {
    let source = findings.sources.get(span.file);
    if source.origin == Origin::Argument {
        return None;
    }
    let mut told = json!({ "artifactLocation": { "uri": uri(&findings.path(source)) } });
    if source.is_file() {
        let (start, end) = places.range(span);
        told["region"] = json!({
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
            "snippet": { "text": places.excerpt(span).text },
        });
    }
    Some(told)
}

/// A path as a URI reference (RFC 3986): an absolute one gets its scheme, and what is no character of a path is escaped.
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(byte as char),
            _ => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}
