//! Values of variables from outside the spec: texts of the command line and the environment, and files of values.

use std::collections::BTreeMap;

use windlass_schemas::codes::{INVALID_VALUE, UNDEFINED_REFERENCE, UNKNOWN_BLOCK};
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::source::Origin;
use windlass_schemas::span::{FileId, Span};
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::types::Type;
use windlass_schemas::value::{Value, ValueKind};

use super::Given;
use super::declare::header;
use super::expression::{Evaluator, Place, Scope};
use super::operate::listed;
use super::variables::Variable;
use crate::parse::parse;
use crate::parse::tree::Body;

impl Evaluator<'_> {
    /// The values that are given from outside, each made to fit its variable. Later ones replace earlier ones.
    pub(super) fn given<'v>(
        &self,
        given: &[Given],
        variables: &BTreeMap<&'v str, Variable<'v>>,
    ) -> BTreeMap<&'v str, Value> {
        let mut values = BTreeMap::new();
        for given in given {
            match given {
                Given::Text { name, value, origin } => match variables.get(name.as_str()) {
                    Some(variable) => drop(values.insert(variable.name, self.text(variable, value, origin))),
                    None => {
                        let file = self.sources.add_from(Origin::Argument, origin.clone(), name.as_str());
                        self.undeclared(name, Span::new(file, 0..name.len()), variables);
                    }
                },
                Given::File { name, text } => {
                    let file = self.sources.add_from(Origin::Outside, name.clone(), text.clone());
                    let mut found = Diagnostics::default();
                    let body = parse(self.sources, file, &mut found);
                    found.iter().for_each(|finding| self.report(finding.clone()));
                    self.file(&body, file, variables, &mut values);
                }
            }
        }
        values
    }

    pub(super) fn undeclared(&self, name: &str, place: Span, variables: &BTreeMap<&str, Variable>) {
        if self.declared.excused(name) {
            return;
        }
        let names = || variables.keys().copied();
        let help = did_you_mean(name, names()).unwrap_or_else(|| match variables.is_empty() {
            true => format!("declare it: `variable \"{name}\" {{ … }}`"),
            false => format!("declared: {}", listed(names())),
        });
        let message = format!("there is no variable `{name}`");
        self.report(Diagnostic::at(&UNDEFINED_REFERENCE, place, message).help(help));
    }

    /// A value that is given as a text: the text itself where the variable is a string, number or bool, an expression
    /// where it is anything else.
    fn text(&self, variable: &Variable, text: &str, origin: &str) -> Value {
        let before = format!("{} = ", variable.name);
        // A text that must not be shown stays out of what diagnostics can draw.
        let shown = if variable.sensitive { "(sensitive value)" } else { text };
        let file = self.sources.add_from(Origin::Argument, origin, format!("{before}{shown}\n"));
        let span = Span::new(file, before.len()..before.len() + shown.len());
        let plain = match variable.constraint.as_ref().map(|constraint| &constraint.ty) {
            None | Some(Type::String | Type::Number | Type::Bool) => true,
            Some(_) => false,
        };
        if plain {
            let value = Value::new(ValueKind::String(text.to_owned()), span);
            return self.fitted(value, variable);
        }
        let real = match variable.sensitive {
            false => file,
            true => self.sources.add_from(Origin::Argument, origin, format!("{before}{text}\n")),
        };
        let mut found = Diagnostics::default();
        let body = parse(self.sources, real, &mut found);
        let expr = body.attributes.first().filter(|attribute| attribute.name.as_str() == variable.name);
        let (Some(attribute), true, 1) = (expr, found.is_empty(), body.attributes.len() + body.blocks.len()) else {
            let reason = found.iter().next().filter(|_| !variable.sensitive);
            let (place, reason) =
                match reason.and_then(|finding| Some((finding.labels.first()?.span, &finding.message))) {
                    Some((place, reason)) => (place, format!(": {reason}")),
                    None => (span, String::new()),
                };
            let message = format!("the value of `{}` is not an expression{reason}", variable.name);
            let help = "write a list as `[\"a\", \"b\"]`, an object as `{ a = 1 }`, and a string in quotes";
            self.report(Diagnostic::at(&INVALID_VALUE, place, message).help(help));
            return Value::new(ValueKind::Unknown, span);
        };
        let before = self.found.borrow().len();
        let mut value = self.owned(&attribute.value, &Scope::new(real, Place::Constant));
        if variable.sensitive {
            // A finding would point into the text.
            let wrong = self.found.borrow().len() > before;
            if wrong {
                self.found.borrow_mut().truncate(before);
                let message = format!("the value of `{}` can't be evaluated", variable.name);
                self.report(Diagnostic::at(&INVALID_VALUE, span, message).help("it may hold literals and functions"));
            }
            moved_to(&mut value, span);
        }
        self.fitted(value, variable)
    }

    fn file<'v>(
        &self,
        body: &Body,
        file: FileId,
        variables: &BTreeMap<&'v str, Variable<'v>>,
        values: &mut BTreeMap<&'v str, Value>,
    ) {
        for block in &body.blocks {
            let message = "a file of values has no blocks";
            let help = "write one line for each variable: `name = value`";
            self.report(Diagnostic::at(&UNKNOWN_BLOCK, header(block, file), message).help(help));
        }
        for attribute in &body.attributes {
            let name = attribute.name.as_str();
            let Some(variable) = variables.get(name) else {
                self.undeclared(name, attribute.name.span.of(file), variables);
                continue;
            };
            self.begin();
            let value = self.owned(&attribute.value, &Scope::new(file, Place::Constant));
            values.insert(variable.name, self.fitted(value, variable));
        }
    }
}

/// The value and all its parts, at another place.
fn moved_to(value: &mut Value, span: Span) {
    value.span = span;
    match &mut value.kind {
        ValueKind::List(items) => items.iter_mut().for_each(|item| moved_to(item, span)),
        ValueKind::Object(entries) => {
            for (key, item) in entries {
                key.span = span;
                moved_to(item, span);
            }
        }
        _ => {}
    }
}
