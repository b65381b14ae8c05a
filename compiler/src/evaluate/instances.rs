//! `for_each`: one block for every element of a map or of a list of strings, and nodes that have a value in each.
//!
//! An instance is called `KIND.NAME["KEY"]` in a spec and `NAME-KEY` in what is emitted. Its key stays the same when
//! other elements come and go.

use std::borrow::Cow;
use std::collections::BTreeMap;

use windlass_schemas::codes::{
    DUPLICATE_NAME, INVALID_VALUE, LIMIT, UNDEFINED_REFERENCE, UNKNOWN_ATTRIBUTE, WRONG_TYPE,
};
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::value::{Object, Reference, Value, ValueKind};

use super::declare::What;
use super::expression::{Evaluator, Scope};
use super::limits::{MAX_DEPTH, size};
use super::names::KINDS;
use super::operate::{listed, sorted};
use crate::parse::tree::{Step, StepKind};

/// The value of a node: one, or one for each instance of its block.
#[derive(Debug)]
pub(super) enum Known {
    One(Value),
    Each(Vec<Value>),
}

impl Known {
    /// The value in an instance.
    pub(super) fn get(&self, instance: Option<usize>) -> Option<&Value> {
        match self {
            Known::One(value) => Some(value),
            Known::Each(values) => values.get(instance?),
        }
    }
}

/// An element of a `for_each`: its key, and `each` as an object of `key` and `value`.
pub(super) type Each = (String, Value);

/// The instances of a block.
pub(super) struct Instances {
    pub(super) each: Vec<Each>,
    index: BTreeMap<String, usize>,
    /// Keys and references, which is what the block's name alone stands for.
    references: Value,
}

impl Instances {
    pub(super) fn position(&self, key: &str) -> Option<usize> {
        self.index.get(key).copied()
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        self.each.iter().map(|(key, _)| key.as_str())
    }
}

impl<'a> Evaluator<'a> {
    /// The instances of a block with `for_each`; `None` where it has none, or they are not known, which has been reported.
    pub(super) fn instances(&self, item: usize) -> Option<&Instances> {
        let node = self.declared.for_each(item)?;
        let cell = self.instances.get(item)?;
        if cell.get().is_none() {
            let value = self.node(node, None, self.declared.header(item)).into_owned();
            let made = self.elements(&value, false).map(|each| self.instantiate(item, each));
            let _ = cell.set(made);
        }
        cell.get()?.as_ref()
    }

    fn instantiate(&self, item: usize, each: Vec<Each>) -> Instances {
        let index = each.iter().enumerate().map(|(at, (key, _))| (key.clone(), at)).collect();
        let header = self.declared.header(item);
        let mut references: Object = Vec::new();
        if let Some((kind, name)) = self.declared.named(item)
            && let Some(kind) = KINDS.iter().copied().find(|known| *known == kind)
        {
            let mut named = self.named.borrow_mut();
            let around = self.around();
            for (at, (key, _)) in each.iter().enumerate() {
                let reference = Reference { block: kind, name: format!("{}{name}-{key}", self.prefix) };
                let address = format!("{around}{kind}.{name}[{key:?}]");
                self.shared.addresses.borrow_mut().insert(reference.clone(), address);
                named.insert(reference.clone(), (item, at));
                references
                    .push((Spanned::new(key.clone(), header), Value::new(ValueKind::Reference(reference), header)));
            }
        }
        Instances { each, index, references: Value::new(ValueKind::Object(references), header) }
    }

    /// The elements of a `for_each`, by key; `None` when there can be none, which is reported. A key becomes a part of a
    /// name; that of a block within a block (`inner`) may hold dots.
    pub(super) fn elements(&self, value: &Value, inner: bool) -> Option<Vec<Each>> {
        let place = value.span;
        let refuse = |code, place, message: String, help: &str| {
            self.report(Diagnostic::at(code, place, message).help(help));
            None
        };
        let shape = "write a map, or a list of strings without repetitions: each key or string names an instance";
        let pairs: Vec<(String, Value)> = match &value.kind {
            ValueKind::Unknown => return None,
            _ if value.sensitive => {
                let help = "its keys become names, which can't be hidden; take them from a value that is not sensitive";
                return refuse(&INVALID_VALUE, place, "`for_each` takes no sensitive value".to_owned(), help);
            }
            ValueKind::Deferred(_) => {
                self.report(self.known_later(place, "what `for_each` goes over"));
                return None;
            }
            ValueKind::Object(entries) => {
                sorted(entries).into_iter().map(|(key, value)| (key.to_owned(), value.clone())).collect()
            }
            ValueKind::List(items) => {
                let mut keys: BTreeMap<&str, &Value> = BTreeMap::new();
                for item in items {
                    let ValueKind::String(key) = &item.kind else {
                        if matches!(item.kind, ValueKind::Unknown) {
                            return None;
                        }
                        let message =
                            format!("`for_each` takes a list of strings, and this element is {}", item.describe());
                        return refuse(&WRONG_TYPE, place, message, shape);
                    };
                    if item.sensitive {
                        let help = "its elements become names, which can't be hidden";
                        return refuse(&INVALID_VALUE, place, "`for_each` takes no sensitive value".to_owned(), help);
                    }
                    if keys.insert(key, item).is_some() {
                        let message = format!("`for_each` has the element `{key}` twice");
                        return refuse(
                            &DUPLICATE_NAME,
                            place,
                            message,
                            "each element names an instance: take out one, or use `toset`",
                        );
                    }
                }
                keys.into_iter().map(|(key, value)| (key.to_owned(), value.clone())).collect()
            }
            _ => {
                let message = format!("`for_each` takes a map or a list of strings, and this is {}", value.describe());
                return refuse(&WRONG_TYPE, place, message, shape);
            }
        };
        let mut each = Vec::with_capacity(pairs.len());
        for (key, element) in pairs {
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || (inner && c == '.');
            if key.is_empty() || !key.chars().all(fits) {
                let message = format!("the key {key:?} of `for_each` can't be a part of a name");
                return refuse(&INVALID_VALUE, place, message, "a key is made of letters, digits, `-` and `_`");
            }
            if !self.spend(1 + size(&element).elements, place) {
                return None;
            }
            let named = |name: &str, value| (Spanned::new(name.to_owned(), place), value);
            let text = Value::new(ValueKind::String(key.clone()), place);
            let object = ValueKind::Object(vec![named("key", text), named("value", element)]);
            each.push((key, Value::new(object, place)));
        }
        Some(each)
    }

    /// Does something for an instance, with `each` in scope; what is found on the way says for which.
    pub(super) fn with_each<'s, T>(&'s self, each: &'s Value, scope: &Scope<'s>, run: impl FnOnce(&Scope) -> T) -> T {
        let before = self.found.borrow().len();
        self.begin();
        let done = run(&scope.with("each", each));
        let values = ["key", "value"].into_iter().filter_map(|name| Some((format!("each.{name}"), each.get(name)?)));
        self.note(before, values);
        done
    }

    /// `KIND.NAME` and `KIND.NAME["KEY"]` of a block with `for_each`.
    pub(super) fn instance<'s>(
        &'s self,
        item: usize,
        whole: Span,
        operators: &'s [Step],
        scope: &Scope<'s>,
    ) -> Cow<'s, Value> {
        let Some(instances) = self.instances(item) else { return self.unknown(whole) };
        let Some((first, rest)) = operators.split_first() else { return Cow::Borrowed(&instances.references) };
        let Some((key, place)) = self.instance_key(item, first, scope) else {
            return match first.kind {
                StepKind::Splat | StepKind::AttributeSplat => {
                    let message = format!("`{}` has an instance for every key", self.declared.item_name(item));
                    let help = format!("for a list of all, write `values({})[*]…`", self.declared.item_name(item));
                    let place = self.operator_span(first, scope);
                    self.fail(Diagnostic::at(&UNKNOWN_ATTRIBUTE, place, message).help(help), whole)
                }
                _ => self.unknown(whole),
            };
        };
        let whole = whole.to(place);
        let Some(at) = instances.position(&key) else { return self.no_instance(item, instances, first, &key, place) };
        match &instances.references.kind {
            ValueKind::Object(entries) => match entries.get(at) {
                Some((_, reference)) => {
                    let reference = Value::new(reference.kind.clone(), whole);
                    self.walk(Cow::Owned(reference), whole, rest, scope)
                }
                None => self.unknown(whole),
            },
            _ => self.unknown(whole),
        }
    }

    /// The key of `["KEY"]` or `.KEY`, and its place; `None` when it is neither or not known. An error in it has been
    /// reported.
    pub(super) fn instance_key<'s>(&'s self, item: usize, op: &'s Step, scope: &Scope<'s>) -> Option<(String, Span)> {
        let place = self.operator_span(op, scope);
        match &op.kind {
            StepKind::Attribute(name) => Some((name.as_str().to_owned(), place)),
            StepKind::Index(expr) => {
                let value = self.eval(expr, scope);
                if value.is_deferred() {
                    let what = format!("which instance of `{}` is meant", self.declared.item_name(item));
                    self.report(self.known_later(place, &what));
                    return None;
                }
                self.text_of(&value, place, "the key of an instance").map(|key| (key, place))
            }
            StepKind::LegacyIndex(index, _) => Some((index.to_string(), place)),
            StepKind::Splat | StepKind::AttributeSplat => None,
        }
    }

    pub(super) fn no_instance<'s>(
        &self,
        item: usize,
        instances: &Instances,
        op: &Step,
        key: &str,
        place: Span,
    ) -> Cow<'s, Value> {
        let name = self.declared.item_name(item);
        let written = matches!(op.kind, StepKind::Attribute(_));
        let example = instances.keys().next().unwrap_or("KEY");
        let (code, message, help) = match (did_you_mean(key, instances.keys()), instances.each.is_empty()) {
            (_, true) => {
                (&UNDEFINED_REFERENCE, format!("`{name}` has no instances"), "its `for_each` is empty".to_owned())
            }
            (Some(help), _) => (&UNDEFINED_REFERENCE, format!("`{name}` has no instance `{key}`"), help),
            (None, _) if written => (
                &UNKNOWN_ATTRIBUTE,
                format!("`{name}` has an instance for every key, and `{key}` is none"),
                format!("name the instance first: `{name}[{example:?}].{key}`"),
            ),
            (None, _) => {
                let help = format!("its instances are {}", listed(instances.keys()));
                (&UNDEFINED_REFERENCE, format!("`{name}` has no instance `{key}`"), help)
            }
        };
        self.fail(
            Diagnostic::at(code, place, message).label(self.declared.header(item), "declared here").help(help),
            place,
        )
    }

    /// The block, and the instance of it, that a reference names; `None` when it is not one of this folder.
    pub(super) fn locate(&self, of: &Reference) -> Option<(usize, Option<usize>)> {
        let own = of.name.strip_prefix(&self.prefix)?;
        match self.declared.find(of.block, own) {
            Some(item) if self.declared.for_each(item).is_none() => Some((item, None)),
            _ => self.named.borrow().get(of).map(|(item, at)| (*item, Some(*at))),
        }
    }

    /// What a user calls the block that a reference names.
    pub(super) fn address_of(&self, of: &Reference) -> String {
        self.shared.addresses.borrow().get(of).cloned().unwrap_or_else(|| of.to_string())
    }

    /// What addresses in this folder begin with, seen from the project's own.
    pub(super) fn around(&self) -> String {
        self.chain.iter().map(|(_, name)| format!("{name}.")).collect()
    }

    /// The value of a node that has been evaluated.
    pub(super) fn known(&self, node: usize, instance: Option<usize>) -> Option<&Value> {
        self.values.get(node)?.get()?.get(instance)
    }

    /// Evaluates a node and keeps its value, or its values in all instances.
    pub(super) fn evaluate_node(&self, node: usize) {
        let (Some(cell), Some(declared)) = (self.values.get(node), self.declared.nodes.get(node)) else { return };
        if cell.get().is_some() {
            return;
        }
        self.running.borrow_mut().push(node);
        // What is wrong with another value is reported, also where this one is only tried.
        let attempts = self.attempts.take();
        let mut known = match declared.what {
            What::Module(item) => Known::One(self.use_module(item)),
            What::Expression(expr) => {
                let scope = Scope::new(declared.file, declared.place);
                match declared.repeated(self.declared) {
                    None => Known::One(self.owned(expr, &scope)),
                    Some(item) => match self.instances(item) {
                        None => Known::One(Value::new(ValueKind::Unknown, self.span(expr, &scope))),
                        Some(instances) => {
                            let value =
                                |(_, each): &'_ Each| self.with_each(each, &scope, |scope| self.owned(expr, scope));
                            Known::Each(instances.each.iter().map(value).collect())
                        }
                    },
                }
            }
        };
        self.attempts.replace(attempts);
        self.running.borrow_mut().pop();
        let mut limited = self.budget.spent();
        let values = match &mut known {
            Known::One(value) => std::slice::from_mut(value),
            Known::Each(values) => values.as_mut_slice(),
        };
        for value in values.iter() {
            if size(value).depth > MAX_DEPTH {
                limited = true;
                let message = format!("this value is nested more than {MAX_DEPTH} levels deep");
                self.tell(&LIMIT, value.span, message);
            }
        }
        if limited {
            values.iter_mut().for_each(|value| value.kind = ValueKind::Unknown);
            self.limited.borrow_mut().insert(node);
        }
        // Set once only: a value that came to need itself stays what the inner evaluation made it.
        let _ = cell.set(known);
    }
}
