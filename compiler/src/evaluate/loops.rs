//! `for` and splats: one expression for every element of a list or an object.

use std::borrow::Cow;
use std::collections::BTreeMap;

use windlass_schemas::codes::{DUPLICATE_NAME, INVALID_OPERAND, KNOWN_LATER};
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::value::{Number, Object, Value, ValueKind};

use super::expression::{Evaluator, Scope};
use super::operate::sorted;
use crate::parse::tree::For;

/// The variables of a loop, and the place of what it goes over.
pub(super) struct Names<'s> {
    pub(super) key: Option<&'s str>,
    pub(super) value: &'s str,
    pub(super) place: Span,
}

impl<'a> Evaluator<'a> {
    /// Calls `step` for every element, objects in the order of their keys, as long as it returns true. False when it
    /// was left early or the elements are not known; that has been reported.
    pub(super) fn each<'s>(
        &'s self,
        names: &Names<'s>,
        collection: &Value,
        scope: &Scope<'s>,
        mut step: impl FnMut(&Scope) -> bool,
    ) -> bool {
        let mut visit = |key: Value, value: &Value| {
            if !self.spend(1, names.place) {
                return false;
            }
            let keyed;
            let outer = match names.key {
                None => scope,
                Some(name) => {
                    keyed = scope.with(name, &key);
                    &keyed
                }
            };
            // A part of what is sensitive is sensitive.
            let marked;
            let value = match collection.sensitive {
                false => value,
                true => {
                    marked = value.clone().marked(true);
                    &marked
                }
            };
            let before = self.found.borrow().len();
            let more = step(&outer.with(names.value, value));
            let key = names.key.map(|name| (name.to_owned(), &key));
            self.note(before, [(names.value.to_owned(), value)].into_iter().chain(key));
            more
        };
        match &collection.kind {
            // The elements of a set are their own keys.
            ValueKind::List(items) if collection.set => items.iter().all(|item| visit(item.clone(), item)),
            ValueKind::List(items) => items.iter().enumerate().all(|(at, item)| {
                let key = Value::new(ValueKind::Number(Number::Int(at as i64)), item.span);
                visit(key, item)
            }),
            ValueKind::Object(entries) => sorted(entries).into_iter().all(|(key, value)| {
                let key = Value::new(ValueKind::String(key.to_owned()), value.span);
                visit(key, value)
            }),
            ValueKind::Unknown => false,
            ValueKind::Deferred(_) => {
                self.report(self.known_later(names.place, "what this loop goes over"));
                false
            }
            _ => {
                let message = format!("a `for` goes over a list or an object, found {}", collection.describe());
                self.report(Diagnostic::at(&INVALID_OPERAND, names.place, message));
                false
            }
        }
    }

    pub(super) fn known_later(&self, place: Span, what: &str) -> Diagnostic {
        Diagnostic::at(&KNOWN_LATER, place, format!("{what} must be known when compiling"))
            .saying("known only when the workflow runs, or in the monitoring system")
    }

    pub(super) fn for_expr<'s>(&'s self, expr: &'s For, span: Span, scope: &Scope<'s>) -> Cow<'s, Value> {
        let collection = self.eval(&expr.over.collection, scope);
        let place = self.span(&expr.over.collection, scope);
        let key = expr.over.key.as_ref().map(|key| key.as_str());
        let names = Names { key, value: expr.over.value.as_str(), place };
        let mut items: Vec<Value> = Vec::new();
        let mut entries: Object = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut broken = false;
        let mut sensitive = self.shared.marks.get() && collection.sensitive;
        let done = self.each(&names, &collection, scope, |scope| {
            if let Some(condition) = &expr.condition {
                let (holds, mark) = self.marked_condition(condition, scope);
                sensitive |= mark;
                match holds {
                    Ok(Some(true)) => {}
                    Ok(Some(false)) => return true,
                    Ok(None) => {
                        broken = true;
                        return true;
                    }
                    Err(condition) => {
                        self.report(self.known_later(condition.span, "the condition of a `for`"));
                        return false;
                    }
                }
            }
            let Some(key_expr) = &expr.key else {
                items.push(self.owned(&expr.value, scope));
                return true;
            };
            let key_place = self.span(key_expr, scope);
            let key = match self.key(key_expr, scope) {
                Some((key, mark)) => {
                    sensitive |= mark;
                    key
                }
                None => {
                    broken = true;
                    return true;
                }
            };
            let value = self.owned(&expr.value, scope);
            match places.get(&key) {
                None => {
                    places.insert(key.clone(), entries.len());
                    let value = if expr.groups { Value::new(ValueKind::List(vec![value]), span) } else { value };
                    entries.push((Spanned::new(key, key_place), value));
                }
                Some(at) if expr.groups => {
                    if let Some((_, Value { kind: ValueKind::List(group), .. })) = entries.get_mut(*at) {
                        group.push(value);
                    }
                }
                Some(_) => {
                    let message = format!("two elements have the key `{key}`");
                    self.report(
                        Diagnostic::at(&DUPLICATE_NAME, key_place, message)
                            .help("write `...` behind the value to group the values of one key in a list"),
                    );
                    return false;
                }
            }
            true
        });
        if !done || broken {
            return self.unknown(span);
        }
        let kind = if expr.key.is_some() { ValueKind::Object(entries) } else { ValueKind::List(items) };
        Cow::Owned(Value::new(kind, span).marked(sensitive))
    }
}
