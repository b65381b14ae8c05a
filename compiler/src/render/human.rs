//! Findings as text for people.

use std::fmt;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceSpan};
use windlass_schemas::diagnostic::{Diagnostic, Label, Severity};
use windlass_schemas::source::Sources;
use windlass_schemas::span::FileId;

use super::{Findings, statement};

/// How to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Colours and lines of Unicode.
    Color,
    /// Lines of Unicode.
    Plain,
    /// ASCII only.
    Ascii,
}

/// No more findings than this are drawn; the others are counted.
const SHOWN: usize = 20;

/// Draws findings, with a line that counts them at the end; nothing when there are none.
pub fn human(findings: &Findings, style: Style, width: usize) -> String {
    let theme = match style {
        Style::Color => GraphicalTheme::unicode(),
        Style::Plain => GraphicalTheme::unicode_nocolor(),
        Style::Ascii => GraphicalTheme::none(),
    };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(width).with_links(false);
    let mut text = String::new();
    for diagnostic in findings.found.iter().take(SHOWN) {
        let report = Report::new(diagnostic, findings);
        // Writing to a string does not fail.
        let _ = handler.render_report(&mut text, &report);
        text.push('\n');
    }
    text + &summary(findings)
}

/// `2 errors, 1 warning`; empty when there is nothing to say.
fn summary(findings: &Findings) -> String {
    let (errors, warnings) = findings.counts();
    let words = |n: usize, word: &str| match n {
        0 => None,
        1 => Some(format!("1 {word}")),
        n => Some(format!("{n} {word}s")),
    };
    let mut line =
        [words(errors, "error"), words(warnings, "warning")].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let hardened = findings.found.iter().filter(|found| found.code.severity == Severity::Warning).count();
    if let Some(hardened) = words(hardened, "warning").filter(|_| findings.strict) {
        line += &format!(" ({hardened} counted as such by `--warnings-as-errors`)");
    }
    if findings.found.len() > SHOWN {
        line += &format!("; the first {SHOWN} are shown");
    }
    if !line.is_empty() {
        line.push('\n');
    }
    line
}

/// A finding in miette's terms: the labels of the primary file, and a related report for every other file.
#[derive(Debug)]
struct Report {
    code: Option<&'static str>,
    severity: miette::Severity,
    message: String,
    help: Option<String>,
    source: Option<NamedSource<String>>,
    labels: Vec<LabeledSpan>,
    related: Vec<Report>,
}

impl Report {
    fn new(diagnostic: &Diagnostic, findings: &Findings) -> Self {
        let sources = findings.sources;
        let severity = match findings.severity(diagnostic) {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        };
        let home = diagnostic.labels.first().map(|label| label.span.file);
        let in_file = |file: FileId| diagnostic.labels.iter().filter(move |label| label.span.file == file);
        let mut labels: Vec<LabeledSpan> = home.into_iter().flat_map(in_file).map(labeled).collect();
        if let (Some(first), Some(primary)) = (diagnostic.labels.first(), labels.first_mut()) {
            let said = (!first.text.is_empty()).then(|| first.text.clone());
            let values = diagnostic.values.iter().map(|(name, value)| format!("`{name}` {}", statement(value)));
            let lines: Vec<String> = said.into_iter().chain(values).collect();
            let text = (!lines.is_empty()).then(|| lines.join("\n"));
            *primary = LabeledSpan::new_primary_with_span(text, place(first));
        }
        let mut elsewhere: Vec<FileId> = diagnostic.labels.iter().map(|label| label.span.file).collect();
        elsewhere.sort();
        elsewhere.dedup();
        let related = elsewhere.into_iter().filter(|file| Some(*file) != home).map(|file| Report {
            code: None,
            severity: miette::Severity::Advice,
            message: format!("see `{}`", sources.get(file).name),
            help: None,
            source: Some(source(file, sources)),
            labels: in_file(file).map(labeled).collect(),
            related: Vec::new(),
        });
        Report {
            code: Some(diagnostic.code.name),
            severity,
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            source: home.map(|file| source(file, sources)),
            labels,
            related: related.collect(),
        }
    }
}

fn source(file: FileId, sources: &Sources) -> NamedSource<String> {
    let source = sources.get(file);
    NamedSource::new(&source.name, source.text.clone())
}

fn place(label: &Label) -> SourceSpan {
    let length = (label.span.end - label.span.start) as usize;
    SourceSpan::new((label.span.start as usize).into(), length)
}

fn labeled(label: &Label) -> LabeledSpan {
    LabeledSpan::new_with_span((!label.text.is_empty()).then(|| label.text.clone()), place(label))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl miette::Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_ref().map(|source| source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = _>>)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        let related = self.related.iter().map(|report| report as &dyn miette::Diagnostic);
        (!self.related.is_empty()).then(|| Box::new(related) as Box<dyn Iterator<Item = _>>)
    }
}
