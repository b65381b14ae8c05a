//! Findings as text for people.

use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents,
};
use windlass_schemas::diagnostic::{Diagnostic, Label, Severity};
use windlass_schemas::source::Sources;
use windlass_schemas::span::{FileId, Span};

use super::places::Places;
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
    let places = Places::new(findings.sources);
    let mut text = String::new();
    for diagnostic in findings.found.iter().take(SHOWN) {
        let report = Report::new(diagnostic, findings, &places);
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

/// No more places of one finding than this are drawn; the others are counted.
const PLACES: usize = 8;

/// A finding in miette's terms: the labels of the primary file, and a related report for every other file.
#[derive(Debug)]
struct Report<'a> {
    code: Option<&'static str>,
    severity: miette::Severity,
    message: String,
    help: Option<String>,
    source: Option<Text<'a>>,
    labels: Vec<LabeledSpan>,
    related: Vec<Report<'a>>,
}

impl<'a> Report<'a> {
    fn new(diagnostic: &Diagnostic, findings: &Findings<'a>, places: &'a Places<'a>) -> Self {
        let sources = findings.sources;
        let severity = match findings.severity(diagnostic) {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        };
        let (drawn, more) = diagnostic.labels.split_at(diagnostic.labels.len().min(PLACES));
        let home = drawn.first().map(|label| label.span.file);
        let in_file = |file: FileId| drawn.iter().filter(move |label| label.span.file == file);
        let mut labels: Vec<LabeledSpan> = home.into_iter().flat_map(in_file).map(labeled).collect();
        if let (Some(first), Some(primary)) = (diagnostic.labels.first(), labels.first_mut()) {
            let said = (!first.text.is_empty()).then(|| first.text.clone());
            let values = diagnostic.values.iter().map(|(name, value)| format!("`{name}` {}", statement(value)));
            let lines: Vec<String> = said.into_iter().chain(values).collect();
            let text = (!lines.is_empty()).then(|| lines.join("\n"));
            *primary = LabeledSpan::new_primary_with_span(text, place(first));
        }
        let mut elsewhere: Vec<FileId> = drawn.iter().map(|label| label.span.file).collect();
        elsewhere.sort();
        elsewhere.dedup();
        let related = elsewhere.into_iter().filter(|file| Some(*file) != home).map(|file| Report {
            code: None,
            severity: miette::Severity::Advice,
            message: format!("see `{}`", sources.get(file).name),
            help: None,
            source: Some(text(file, sources, places)),
            labels: in_file(file).map(labeled).collect(),
            related: Vec::new(),
        });
        Report {
            code: Some(diagnostic.code.name),
            severity,
            message: diagnostic.message.clone(),
            help: help(diagnostic, more.len()),
            source: home.map(|file| text(file, sources, places)),
            labels,
            related: related.collect(),
        }
    }
}

/// What to do, and how many places are not drawn.
fn help(diagnostic: &Diagnostic, more: usize) -> Option<String> {
    let more = match more {
        0 => None,
        1 => Some("one more place is not shown".to_owned()),
        more => Some(format!("{more} more places are not shown")),
    };
    match (&diagnostic.help, more) {
        (Some(help), Some(more)) => Some(format!("{help}\n{more}")),
        (help, more) => more.or_else(|| help.clone()),
    }
}

/// So many lines between two places are drawn rather than left out.
const GAP: usize = 6;

/// A text that knows its lines: miette would look for them from the start, for every label, and draw all that lies
/// between two places of a long file.
struct Text<'a> {
    file: FileId,
    name: &'a str,
    places: &'a Places<'a>,
}

fn text<'a>(file: FileId, sources: &'a Sources, places: &'a Places<'a>) -> Text<'a> {
    Text { file, name: &sources.get(file).name, places }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl SourceCode for Text<'_> {
    fn read_span<'s>(
        &'s self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'s> + 's>, MietteError> {
        let span = Span::new(self.file, span.offset()..span.offset() + span.len());
        let context = self.places.context(span, before, after).ok_or(MietteError::OutOfBounds)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.to_owned(),
            context.text.as_bytes(),
            SourceSpan::new(context.start.into(), context.text.len()),
            context.point.line - 1,
            context.point.column - 1,
            // What miette counts says which snippets are drawn as one.
            context.lines + GAP,
        )))
    }
}

fn place(label: &Label) -> SourceSpan {
    let length = (label.span.end - label.span.start) as usize;
    SourceSpan::new((label.span.start as usize).into(), length)
}

fn labeled(label: &Label) -> LabeledSpan {
    LabeledSpan::new_with_span((!label.text.is_empty()).then(|| label.text.clone()), place(label))
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn code<'s>(&'s self) -> Option<Box<dyn fmt::Display + 's>> {
        self.code.map(|code| Box::new(code) as Box<dyn fmt::Display + '_>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'s>(&'s self) -> Option<Box<dyn fmt::Display + 's>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display + '_>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = _>>)
    }

    fn related<'s>(&'s self) -> Option<Box<dyn Iterator<Item = &'s dyn miette::Diagnostic> + 's>> {
        let related = self.related.iter().map(|report| report as &dyn miette::Diagnostic);
        (!self.related.is_empty()).then(|| Box::new(related) as Box<dyn Iterator<Item = _>>)
    }
}
