//! Findings as workflow commands of GitHub Actions, one a line: the runner makes an annotation of each.
//!
//! The form and its escapes are those of GitHub's documentation, "Workflow commands for GitHub Actions".

use windlass_schemas::diagnostic::{Diagnostic, Severity};
use windlass_schemas::source::Origin;

use super::places::Places;
use super::{Findings, statement};

/// All findings; nothing when there are none.
pub fn github(findings: &Findings) -> String {
    let places = Places::new(findings.sources);
    findings.found.iter().map(|found| command(found, findings, &places)).collect()
}

fn command(found: &Diagnostic, findings: &Findings, places: &Places) -> String {
    let name = match findings.severity(found) {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut properties = Vec::new();
    let mut message = found.message.clone();
    if let Some((primary, others)) = found.labels.split_first() {
        let source = findings.sources.get(primary.span.file);
        match source.origin {
            Origin::Argument => message += &format!(", in `{}`", source.name),
            _ => properties.push(format!("file={}", property(&findings.path(source)))),
        }
        if source.is_file() {
            let (start, end) = places.range(primary.span);
            properties.push(format!("line={},endLine={}", start.line, end.line));
            // GitHub takes columns only where both are in one line.
            if start.line == end.line {
                properties.push(format!("col={},endColumn={}", start.column, end.column));
            }
        }
        if !primary.text.is_empty() {
            message += &format!("\n{}", primary.text);
        }
        for (name, value) in &found.values {
            message += &format!("\n{name} {}", statement(value));
        }
        for label in others {
            let source = findings.sources.get(label.span.file);
            let (path, line) = (findings.path(source), places.range(label.span).0.line);
            message += &match source.is_file() {
                true => format!("\n{}: {path}:{line}", label.text),
                false => format!("\n{}: {}, in {path}", label.text, places.excerpt(label.span).text.trim()),
            };
        }
    }
    if let Some(help) = &found.help {
        message += &format!("\nhelp: {help}");
    }
    properties.push(format!("title={}", property(found.code.name)));
    format!("::{name} {}::{}\n", properties.join(","), data(&message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
