//! `for` and splats: one expression for every element of a list or an object. What goes over something that is known only
//! later, or has a condition or key that is, becomes an expression itself.

use std::borrow::Cow;
use std::collections::BTreeMap;

use windlass_schemas::codes::{DUPLICATE_NAME, INVALID_OPERAND, KNOWN_LATER};
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::expr::{Expr, ExprKind, For as Loop};
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::value::{Number, Object, Value, ValueKind};

use super::expression::{Evaluator, Scope};
use super::operate::sorted;
use crate::parse::tree::{For, Step};

/// The variable of a splat. Nobody writes it: `each` is no name of a loop's own.
pub const SPLAT: &str = "each";

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
        if matches!(collection.kind, ValueKind::Deferred(_)) {
            return self.for_later(expr, collection, span, scope);
        }
        let place = self.span(&expr.over.collection, scope);
        let key = expr.over.key.as_ref().map(|key| key.as_str());
        let names = Names { key, value: expr.over.value.as_str(), place };
        let mut items: Vec<Value> = Vec::new();
        let mut entries: Object = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let (mut broken, mut later) = (false, false);
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
                    Err(_) => {
                        later = true;
                        return false;
                    }
                }
            }
            let Some(key_expr) = &expr.key else {
                items.push(self.owned(&expr.value, scope));
                return true;
            };
            let key_place = self.span(key_expr, scope);
            let key = self.eval(key_expr, scope);
            if key.is_deferred() {
                later = true;
                return false;
            }
            sensitive |= self.any_sensitive([&*key]);
            let Some(key) = self.text_of(&key, key_place, "the key of an object") else {
                broken = true;
                return true;
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
        if later {
            return self.for_later(expr, collection, span, scope);
        }
        if !done || broken {
            return self.unknown(span);
        }
        let kind = if expr.key.is_some() { ValueKind::Object(entries) } else { ValueKind::List(items) };
        Cow::Owned(Value::new(kind, span).marked(sensitive))
    }

    /// A loop as an expression: its body is evaluated once, for an element that is known only later.
    fn for_later<'s>(
        &'s self,
        expr: &'s For,
        collection: Cow<'s, Value>,
        span: Span,
        scope: &Scope<'s>,
    ) -> Cow<'s, Value> {
        let over = self.place(collection, &expr.over.collection, scope);
        if over.is_unknown() {
            return self.unknown(span);
        }
        let sensitive = self.any_sensitive([&over]);
        let bound = self.bound.borrow().len();
        let element = self.bind(expr.over.value.as_str(), expr.over.value.span.of(scope.file)).marked(sensitive);
        let key = expr.over.key.as_ref().map(|name| match over.set {
            // The elements of a set are their own keys.
            true => (name.as_str(), None, element.clone()),
            false => {
                let key = self.bind(name.as_str(), name.span.of(scope.file)).marked(sensitive);
                (name.as_str(), variable_of(&key), key)
            }
        });
        let keyed;
        let outer = match &key {
            None => scope,
            Some((name, _, value)) => {
                keyed = scope.with(name, value);
                &keyed
            }
        };
        let made = self.body_later(expr, &outer.with(expr.over.value.as_str(), &element));
        self.bound.borrow_mut().truncate(bound);
        let (Some((condition, entry, value, marked)), Some(variable)) = (made, variable_of(&element)) else {
            return self.unknown(span);
        };
        let key_variable = key.and_then(|(_, variable, _)| variable);
        let kind =
            Loop { key_variable, variable, over: over.into(), condition, key: entry, value, groups: expr.groups };
        self.keep(self.defer(ExprKind::For(Box::new(kind)), span), sensitive || marked)
    }

    /// The condition, the key and the value of a loop's body, and whether one is sensitive; `None` when something about
    /// them was reported.
    fn body_later<'s>(&'s self, expr: &'s For, scope: &Scope<'s>) -> Option<(Option<Expr>, Option<Expr>, Expr, bool)> {
        let mut sensitive = false;
        let condition = match &expr.condition {
            None => Ok(None),
            Some(condition) => {
                let (holds, marked) = self.marked_condition(condition, scope);
                sensitive |= marked;
                match holds {
                    Ok(Some(true)) => Ok(None),
                    Ok(Some(false)) => {
                        let never = Value::new(ValueKind::Bool(false), self.span(condition, scope));
                        Ok(Some(Expr::from(never)))
                    }
                    Ok(None) => Err(()),
                    Err(condition) => Ok(Some(*condition)),
                }
            }
        };
        let key = match &expr.key {
            None => Ok(None),
            Some(written) => {
                let place = self.span(written, scope);
                let key = self.eval(written, scope);
                sensitive |= self.any_sensitive([&*key]);
                if key.is_deferred() {
                    Ok(Some(self.place(key, written, scope).into()))
                } else {
                    let text = self.text_of(&key, place, "the key of an object");
                    text.map(|text| Some(Value::new(ValueKind::String(text), place).into())).ok_or(())
                }
            }
        };
        let value = self.owned(&expr.value, scope);
        sensitive |= self.any_sensitive([&value]);
        match (condition, key, value.is_unknown()) {
            (Ok(condition), Ok(key), false) => Some((condition, key, value.into(), sensitive)),
            _ => None,
        }
    }

    /// A splat as an expression: the rest of the way for an element that is known only later.
    pub(super) fn splat_later<'s>(
        &'s self,
        of: Cow<'s, Value>,
        place: Span,
        operators: &'s [Step],
        scope: &Scope<'s>,
    ) -> Cow<'s, Value> {
        let mut of = of.into_owned();
        of.span = place;
        let sensitive = of.sensitive;
        let over = ExprKind::Elements(Box::new(of.into()));
        let Some(last) = operators.last() else { return self.keep(self.defer(over, place), sensitive) };
        let span = place.to(last.span.of(scope.file));
        let bound = self.bound.borrow().len();
        let element = self.bind(SPLAT, place).marked(sensitive);
        let variable = variable_of(&element);
        let value = self.walk(Cow::Owned(element), place, operators, scope).into_owned();
        self.bound.borrow_mut().truncate(bound);
        let (false, Some(variable)) = (value.is_unknown(), variable) else { return self.unknown(span) };
        let sensitive = sensitive || self.any_sensitive([&value]);
        let over = Expr::new(over, place);
        let kind =
            Loop { key_variable: None, variable, over, condition: None, key: None, value: value.into(), groups: false };
        self.keep(self.defer(ExprKind::For(Box::new(kind)), span), sensitive)
    }

    /// A loop variable whose value is known only later. It gets a name that no loop around has, so that a part of an
    /// outer loop's element can stand in an inner loop.
    fn bind(&self, name: &str, place: Span) -> Value {
        let mut bound = self.bound.borrow_mut();
        let taken = |name: &String| bound.contains(name);
        let mut free = name.to_owned();
        let mut number = 1;
        while taken(&free) {
            number += 1;
            free = format!("{name}_{number}");
        }
        bound.push(free.clone());
        let variable = Expr::new(ExprKind::Variable(Spanned::new(free, place)), place);
        Value::new(ValueKind::Deferred(Box::new(variable)), place)
    }
}

/// The name of a loop variable.
fn variable_of(value: &Value) -> Option<String> {
    match &value.kind {
        ValueKind::Deferred(expr) => match &expr.kind {
            ExprKind::Variable(name) => Some(name.value.clone()),
            _ => None,
        },
        _ => None,
    }
}
