//! Types as a spec writes them, and values made to fit them.

use std::collections::BTreeMap;

use windlass_schemas::codes::{INVALID_VALUE, MISSING_ATTRIBUTE, UNKNOWN_ATTRIBUTE, WRONG_TYPE};
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::span::Spanned;
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::types::Type;
use windlass_schemas::value::{Value, ValueKind};

use super::convert::{to_bool, to_number, to_text};
use super::expression::{Evaluator, Scope};
use super::functions::sets;
use super::operate::{Operand, Outcome, listed};
use crate::parse::tree::{Call, Expression, ExpressionKind, Key};

/// A type, and the values that stand for fields that are left out.
#[derive(Clone, Debug)]
pub(super) struct Constraint {
    pub(super) ty: Type,
    defaults: Defaults,
}

/// The second argument of each `optional(type, default)`, in the shape of the type.
#[derive(Clone, Debug, Default)]
struct Defaults {
    /// By field.
    fields: BTreeMap<String, Value>,
    /// Within fields; the elements of a list, set or map are under the empty name, those of a tuple under their index.
    parts: BTreeMap<String, Defaults>,
}

impl Defaults {
    fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.parts.is_empty()
    }

    fn keep(&mut self, name: String, part: Defaults) {
        if !part.is_empty() {
            self.parts.insert(name, part);
        }
    }
}

const ALL: [&str; 10] = ["string", "number", "bool", "any", "list", "set", "map", "tuple", "object", "optional"];

fn simple(name: &str) -> Option<Type> {
    match name {
        "string" => Some(Type::String),
        "number" => Some(Type::Number),
        "bool" => Some(Type::Bool),
        "any" => Some(Type::Any),
        _ => None,
    }
}

impl<'a> Evaluator<'a> {
    /// The type of data that a running workflow gets, which is JSON: it has neither sets nor defaults.
    pub(super) fn type_of<'s>(&'s self, expr: &'s Expression, of: &str, scope: &Scope<'s>) -> Type {
        let Constraint { ty, defaults } = self.constraint(expr, scope);
        let span = self.span(expr, scope);
        if !defaults.is_empty() {
            let message = format!("{of} has no defaults");
            self.report(
                Diagnostic::at(&INVALID_VALUE, span, message)
                    .help("write `optional(TYPE)`; a field that is left out is null"),
            );
        } else if has_set(&ty) {
            let message = format!("{of} can't be of the type `{ty}`");
            self.report(
                Diagnostic::at(&INVALID_VALUE, span, message).help("it is JSON, which has lists: write `list(…)`"),
            );
        }
        ty
    }

    /// A type as it is written: `string`, `list(number)`, `object({ id = string, size = optional(number, 1) })`.
    pub(super) fn constraint<'s>(&'s self, expr: &'s Expression, scope: &Scope<'s>) -> Constraint {
        let mut defaults = Defaults::default();
        let ty = self.read_type(expr, scope, &mut defaults);
        Constraint { ty, defaults }
    }

    fn read_type<'s>(&'s self, expr: &'s Expression, scope: &Scope<'s>, defaults: &mut Defaults) -> Type {
        let span = self.span(expr, scope);
        match &expr.kind {
            ExpressionKind::Variable(name) => {
                let name = &**name;
                if let Some(ty) = simple(name) {
                    return ty;
                }
                let help = match name {
                    "list" | "map" | "set" => format!("say of what: `{name}(string)`"),
                    _ => {
                        did_you_mean(name, ALL).unwrap_or_else(|| format!("the types are {}", listed(ALL.into_iter())))
                    }
                };
                self.report(Diagnostic::at(&INVALID_VALUE, span, format!("there is no type `{name}`")).help(help));
            }
            ExpressionKind::Call(call) => {
                if let Some(ty) = self.type_with_parts(call, scope, defaults) {
                    return ty;
                }
                let name = call.name.as_str();
                let known = ALL.contains(&name);
                let name_span = call.name.span.of(scope.file);
                let (place, message) = match known {
                    true => (span, format!("`{}` is not a type", self.sources.slice(span))),
                    false => (name_span, format!("there is no type `{name}`")),
                };
                let forms = "the types with parts are `list(string)`, `set(string)`, `map(string)`, `tuple([string, number])`, `object({ name = string })` and, for a field, `optional(string)`";
                let help = match known {
                    true => None,
                    false => did_you_mean(name, ALL),
                };
                self.report(
                    Diagnostic::at(&INVALID_VALUE, place, message).help(help.unwrap_or_else(|| forms.to_owned())),
                );
            }
            ExpressionKind::String(name) if simple(name).is_some() => {
                let message = format!("a type is written without quotes: `{name}`");
                self.tell(&INVALID_VALUE, span, message);
            }
            _ => {
                let message = format!("`{}` is not a type", self.sources.slice(span));
                let help = format!("the types are {}", listed(ALL.into_iter()));
                self.report(Diagnostic::at(&INVALID_VALUE, span, message).help(help));
            }
        }
        Type::Any
    }

    /// A type that is written as a call; `None` when it is none.
    fn type_with_parts<'s>(&'s self, call: &'s Call, scope: &Scope<'s>, defaults: &mut Defaults) -> Option<Type> {
        let mut element = |of: &'s Expression| {
            let mut part = Defaults::default();
            let ty = self.read_type(of, scope, &mut part);
            defaults.keep(String::new(), part);
            Box::new(ty)
        };
        let name = call.name.as_str();
        let first = call.arguments.first()?;
        match (name, &first.kind, call.arguments.len()) {
            ("list", _, 1) => Some(Type::List(element(first), None)),
            ("set", _, 1) => Some(Type::Set(element(first))),
            ("map", _, 1) => Some(Type::Map(element(first))),
            ("tuple", ExpressionKind::List(items), 1) => {
                let items = items.iter().enumerate().map(|(at, item)| {
                    let mut part = Defaults::default();
                    let ty = self.read_type(item, scope, &mut part);
                    defaults.keep(at.to_string(), part);
                    ty
                });
                Some(Type::Tuple(items.collect()))
            }
            ("object", ExpressionKind::Object(fields), 1) => {
                let mut types = Vec::new();
                for field in fields {
                    let name = match &field.key {
                        Key::Plain(name) => name.as_str().to_owned(),
                        Key::Computed(key) => {
                            self.tell(&INVALID_VALUE, self.span(key, scope), "the name of a field is a plain name");
                            continue;
                        }
                    };
                    let mut part = Defaults::default();
                    let ty = self.field(&field.value, scope, &name, defaults, &mut part);
                    defaults.keep(name.clone(), part);
                    types.push((name, ty));
                }
                Some(Type::Object(types))
            }
            ("optional", _, 1 | 2) => {
                let span = self.span(first, scope);
                let message = "only a field of an object can be optional";
                let help =
                    "write `object({ name = optional(string) })`; a variable is optional when it has a `default`";
                self.report(Diagnostic::at(&INVALID_VALUE, span, message).help(help));
                Some(Type::Any)
            }
            _ => None,
        }
    }

    /// The type of a field, which may be `optional(type)` or `optional(type, default)`.
    fn field<'s>(
        &'s self,
        expr: &'s Expression,
        scope: &Scope<'s>,
        name: &str,
        defaults: &mut Defaults,
        part: &mut Defaults,
    ) -> Type {
        let call = match &expr.kind {
            ExpressionKind::Call(call) if call.name.as_str() == "optional" => call,
            _ => return self.read_type(expr, scope, part),
        };
        let (Some(inner), 1 | 2) = (call.arguments.first(), call.arguments.len()) else {
            let message = format!("`{}` is not a type", self.sources.slice(self.span(expr, scope)));
            let help = "write `optional(string)`, or with a default `optional(string, \"x\")`";
            self.report(Diagnostic::at(&INVALID_VALUE, self.span(expr, scope), message).help(help));
            return Type::Any;
        };
        let ty = self.read_type(inner, scope, part);
        if let Some(default) = call.arguments.get(1) {
            let constraint = Constraint { ty: ty.clone(), defaults: part.clone() };
            let value = self.owned(default, scope);
            match fit(value, &constraint, &format!("the default of `{name}`")) {
                Ok(value) => drop(defaults.fields.insert(name.to_owned(), value)),
                Err(finding) => self.report(*finding),
            }
        }
        Type::Optional(Box::new(ty))
    }
}

fn has_set(ty: &Type) -> bool {
    match ty {
        Type::Set(_) | Type::Tuple(_) => true,
        Type::List(of, _) | Type::Map(of) | Type::Optional(of) => has_set(of),
        Type::Object(fields) => fields.iter().any(|(_, ty)| has_set(ty)),
        _ => false,
    }
}

/// The value as the type has it, with HCL's conversions; null fits everywhere. `what` names it: "the variable `x`".
pub(super) fn fit(value: Value, to: &Constraint, what: &str) -> Outcome<Value> {
    convert(value, &to.ty, &to.defaults, what)
}

fn convert(value: Value, ty: &Type, defaults: &Defaults, what: &str) -> Outcome<Value> {
    let (span, sensitive) = (value.span, value.sensitive);
    if matches!(value.kind, ValueKind::Null | ValueKind::Unknown) {
        return Ok(value);
    }
    let none = Defaults::default();
    let part = |name: &str| defaults.parts.get(name).unwrap_or(&none);
    let operand = Operand::new(&value, span);
    let wrong = || {
        let message = format!("{what} is of the type `{ty}`, found {}", operand.value.describe());
        Box::new(Diagnostic::at(&WRONG_TYPE, span, message))
    };
    let kind = match ty {
        Type::Any | Type::Null => return Ok(value),
        Type::Optional(inner) => return convert(value, inner, defaults, what),
        Type::String => ValueKind::String(to_text(operand, what).map_err(|_| wrong())?),
        Type::Number => ValueKind::Number(to_number(operand, what).map_err(|_| wrong())?),
        Type::Bool => ValueKind::Bool(to_bool(operand, what).map_err(|_| wrong())?),
        Type::List(of, _) | Type::Set(of) => {
            let ValueKind::List(items) = value.kind else { return Err(wrong()) };
            let what = format!("an element of {what}");
            let items = items.into_iter().map(|item| convert(item, of, part(""), &what));
            let mut items = items.collect::<Outcome<Vec<_>>>()?;
            if matches!(ty, Type::Set(_)) {
                items = sets::set(items);
            }
            ValueKind::List(items)
        }
        Type::Tuple(types) => {
            let count = types.len();
            match value.kind {
                ValueKind::List(items) if items.len() == count => {
                    let items = items.into_iter().zip(types).enumerate().map(|(at, (item, ty))| {
                        convert(item, ty, part(&at.to_string()), &format!("element {at} of {what}"))
                    });
                    ValueKind::List(items.collect::<Outcome<_>>()?)
                }
                ValueKind::List(items) => {
                    let message = format!("{what} has {count} elements, found {}", items.len());
                    return Err(Box::new(Diagnostic::at(&WRONG_TYPE, span, message)));
                }
                _ => return Err(wrong()),
            }
        }
        Type::Map(of) => {
            let ValueKind::Object(entries) = value.kind else { return Err(wrong()) };
            let what = format!("an entry of {what}");
            let entry = |(key, item): (_, Value)| Ok((key, convert(item, of, part(""), &what)?));
            ValueKind::Object(entries.into_iter().map(entry).collect::<Outcome<_>>()?)
        }
        Type::Object(fields) => {
            let ValueKind::Object(entries) = value.kind else { return Err(wrong()) };
            for (key, _) in &entries {
                if !fields.iter().any(|(name, _)| *name == key.value) {
                    let names = || fields.iter().map(|(name, _)| name.as_str());
                    let has = format!("it has {}", listed(names()));
                    let message = format!("{what} has no attribute `{}`", key.value);
                    let help = did_you_mean(&key.value, names()).unwrap_or(has);
                    return Err(Box::new(Diagnostic::at(&UNKNOWN_ATTRIBUTE, key.span, message).help(help)));
                }
            }
            let mut given: BTreeMap<String, (_, Value)> =
                entries.into_iter().map(|(key, value)| (key.value.clone(), (key, value))).collect();
            let mut converted = Vec::with_capacity(fields.len());
            for (name, ty) in fields {
                let default = || {
                    let key = Spanned::new(name.clone(), span);
                    (key, defaults.fields.get(name).cloned().unwrap_or_else(|| Value::new(ValueKind::Null, span)))
                };
                match given.remove(name) {
                    // Null means the same as leaving the field out, where it may be left out.
                    Some((_, Value { kind: ValueKind::Null, .. })) if matches!(ty, Type::Optional(_)) => {
                        converted.push(default());
                    }
                    Some((key, value)) => {
                        converted.push((key, convert(value, ty, part(name), &format!("`{name}` of {what}"))?));
                    }
                    None if matches!(ty, Type::Optional(_)) => converted.push(default()),
                    None => {
                        let message = format!("{what} lacks the attribute `{name}`");
                        return Err(Box::new(
                            Diagnostic::at(&MISSING_ATTRIBUTE, span, message)
                                .help(format!("its type is `{}`", Type::Object(fields.clone()))),
                        ));
                    }
                }
            }
            ValueKind::Object(converted)
        }
    };
    let mut value = Value::new(kind, span).marked(sensitive);
    value.set = matches!(ty, Type::Set(_));
    Ok(value)
}
