//! What went wrong, where, and what to write instead.

use std::collections::BTreeMap;

use crate::codes::Code;
use crate::span::Span;

/// How bad it is: an error stops the compilation, a warning does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is emitted.
    Error,
    /// Told, and compiled all the same.
    Warning,
}

/// A place and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The bytes.
    pub span: Span,
    /// The words; may be empty for the primary label.
    pub text: String,
}

/// One finding.
///
/// Messages are lower-case phrases without a full stop, with the user's own words in backticks; advice belongs in the
/// help. The first label is the primary one: it covers the bytes that are wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Which kind of finding.
    pub code: &'static Code,
    /// What is wrong.
    pub message: String,
    /// Where; the first is the primary place. Empty for findings about no file (an unwritable folder).
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// Names that stood for something else in each round of a loop, or in each instance of a block, with their values
    /// as they were here: `each.key`, `"eu"`.
    pub values: Vec<(String, String)>,
}

impl Diagnostic {
    /// A finding at `span`.
    pub fn at(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        let labels = vec![Label { span, text: String::new() }];
        Diagnostic { code, message: message.into(), labels, help: None, values: Vec::new() }
    }

    /// A finding about no place in a file.
    pub fn nowhere(code: &'static Code, message: impl Into<String>) -> Self {
        Diagnostic { code, message: message.into(), labels: Vec::new(), help: None, values: Vec::new() }
    }

    /// Puts words under the primary place.
    #[must_use]
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        if let Some(primary) = self.labels.first_mut() {
            primary.text = text.into();
        }
        self
    }

    /// Points at a further place, in the same file or in another.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Says what to do, when there is something to say.
    #[must_use]
    pub fn maybe_help(mut self, text: Option<String>) -> Self {
        self.help = text.or(self.help);
        self
    }
}

/// Places of one finding that are kept when instances of a block repeat it.
const MOST_PLACES: usize = 10;

/// The findings of one compilation.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Keeps a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// True when an error is among the findings.
    pub fn failed(&self) -> bool {
        self.found.iter().any(|d| d.code.severity == Severity::Error)
    }

    /// The number of findings so far.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// True when nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The findings so far, in the order in which they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.found.iter()
    }

    /// The findings so far, to be added to.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Diagnostic> {
        self.found.iter_mut()
    }

    /// The findings, sorted by place and without repetitions. A name that is not there is told once: the other places
    /// that refer to it are labels of the first.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        let place = |d: &Diagnostic| d.labels.first().map(|l| l.span);
        self.found.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.code.name.cmp(b.code.name)));
        let mut told: Vec<Diagnostic> = Vec::with_capacity(self.found.len());
        let mut first: BTreeMap<(String, Option<String>), usize> = BTreeMap::new();
        let mut same: BTreeMap<(Span, &str, String, Option<String>), usize> = BTreeMap::new();
        for diagnostic in self.found {
            if let ("undefined-reference", [label]) = (diagnostic.code.name, diagnostic.labels.as_slice()) {
                let key = (diagnostic.message.clone(), diagnostic.help.clone());
                if let Some(first) = first.get(&key).and_then(|at| told.get_mut(*at)) {
                    first.labels.push(Label { span: label.span, text: "and here".to_owned() });
                    continue;
                }
                first.insert(key, told.len());
            }
            // Instances of a block, and uses of a module, repeat a finding with other values and other places of use.
            if let Some(primary) = diagnostic.labels.first() {
                let what = (primary.span, diagnostic.code.name, diagnostic.message.clone(), diagnostic.help.clone());
                if let Some(other) = same.get(&what).and_then(|at| told.get_mut(*at)) {
                    for label in diagnostic.labels {
                        if other.labels.len() < MOST_PLACES && !other.labels.contains(&label) {
                            other.labels.push(label);
                        }
                    }
                    continue;
                }
                same.insert(what, told.len());
            }
            told.push(diagnostic);
        }
        told
    }
}
