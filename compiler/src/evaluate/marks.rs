//! Sensitive values: what is made from one is one, and no finding shows it.
//!
//! The mark is on the value. A list or object keeps the marks of its parts without being sensitive as a whole.

use std::borrow::Cow;

use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::span::Span;
use windlass_schemas::value::Value;

use super::expression::Evaluator;

/// Functions whose result is made of parts of their arguments, which bring their marks along.
const KEEPS_PARTS: &[&str] = &[
    "chunklist",
    "coalesce",
    "coalescelist",
    "concat",
    "element",
    "flatten",
    "lookup",
    "merge",
    "one",
    "reverse",
    "setproduct",
    "slice",
    "tolist",
    "tomap",
    "values",
];

impl Evaluator<'_> {
    /// Whether one of the values, or a part of one, is sensitive.
    pub(super) fn any_sensitive<'v>(&self, values: impl IntoIterator<Item = &'v Value>) -> bool {
        // Most specs have nothing sensitive, and need not look.
        self.shared.marks.get() && values.into_iter().any(Value::is_sensitive)
    }

    /// The value, sensitive when `sensitive` holds.
    pub(super) fn keep<'s>(&self, value: Cow<'s, Value>, sensitive: bool) -> Cow<'s, Value> {
        match sensitive && !value.sensitive {
            true => Cow::Owned(value.into_owned().marked(true)),
            false => value,
        }
    }

    /// The result of a function with the marks that its arguments give it.
    pub(super) fn marked_call<'s>(&self, name: &str, args: &[&Value], result: Cow<'s, Value>) -> Cow<'s, Value> {
        match name {
            "sensitive" => {
                self.shared.marks.set(true);
                return self.keep(result, true);
            }
            "nonsensitive" => {
                let mut value = result.into_owned();
                value.sensitive = false;
                return Cow::Owned(value);
            }
            "issensitive" => return result,
            _ => {}
        }
        let whole = self.shared.marks.get() && args.iter().any(|arg| arg.sensitive);
        let part = self.any_sensitive(args.iter().copied()) && !KEEPS_PARTS.contains(&name);
        self.keep(result, whole || part)
    }

    /// The text without what is sensitive in the values.
    pub(super) fn masked(&self, text: &str, values: &[&Value]) -> String {
        match self.any_sensitive(values.iter().copied()) {
            true => values.iter().fold(text.to_owned(), |text, value| value.masked(&text)),
            false => text.to_owned(),
        }
    }

    /// Reports a finding about values, without what is sensitive in them.
    pub(super) fn fail_with<'s>(&self, mut finding: Diagnostic, values: &[&Value], span: Span) -> Cow<'s, Value> {
        if self.any_sensitive(values.iter().copied()) {
            finding.message = self.masked(&finding.message, values);
            finding.help = finding.help.map(|help| self.masked(&help, values));
            for label in &mut finding.labels {
                label.text = self.masked(&label.text, values);
            }
        }
        self.fail(finding, span)
    }

    /// Tells of what was found since `before` which values these names had. A finding that an earlier round has made
    /// already is not kept.
    pub(super) fn note<'v>(&self, before: usize, values: impl Iterator<Item = (String, &'v Value)>) {
        let mut found = self.found.borrow_mut();
        if found.len() <= before {
            return;
        }
        let shown: Vec<(String, String)> = values.map(|(name, value)| (name, value.shown())).collect();
        let mut new = found.split_off(before);
        for finding in &mut new {
            let known = |name: &str| finding.values.iter().any(|(known, _)| known == name);
            let added: Vec<_> = shown.iter().filter(|(name, _)| !known(name)).cloned().collect();
            finding.values.extend(added);
        }
        // One mistake, one finding: rounds of a loop differ in their values only.
        let place = |finding: &Diagnostic| finding.labels.first().map(|label| label.span);
        new.retain(|finding| {
            let same = |other: &Diagnostic| other.code == finding.code && place(other) == place(finding);
            !found.iter().any(|other| same(other) && !other.values.is_empty())
        });
        found.append(&mut new);
    }
}
