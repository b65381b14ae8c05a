//! `for` and splats.
//!
//! | HCL | JSONata |
//! |---|---|
//! | `[for v in list : f(v)]` | `[$map($list, function($v) { f($v) })[]]` |
//! | `[for v in list : f(v) if c(v)]` | `[$map($list, function($v) { c($v) ? f($v) })[]]` |
//! | `[for k, v in object : f(k, v)]` | `[$map($pairs($object), function($pair) { ($k := $pair.key; $v := $pair.value; f($k, $v)) })[]]` |
//! | `{for v in list : k(v) => f(v)}` | `$united([$map($list, function($v) { {k($v): f($v)} })[]])` |
//! | `{for v in list : k(v) => f(v)...}` | `$grouped([$map($list, function($v) { {'key': k($v), 'value': f($v)} })[]])` |

use windlass_schemas::expr::{Expr, For};
use windlass_schemas::types::Type;

use super::super::scope::Scope;
use super::helpers::Helper;
use super::syntax::Binding;
use super::{Refusal, Term, types};

/// What an expression can refer to: the workflow's scope, and the variables of the loops around it.
#[derive(Clone, Copy)]
pub(super) struct Names<'s> {
    pub(super) scope: &'s Scope,
    bound: Option<&'s Bound<'s>>,
}

/// A variable of a loop.
struct Bound<'s> {
    name: &'s str,
    term: Term,
    outer: Option<&'s Bound<'s>>,
}

impl<'s> Names<'s> {
    pub(super) fn of(scope: &'s Scope) -> Self {
        Names { scope, bound: None }
    }

    /// From the innermost variable outwards.
    fn variables(&self) -> impl Iterator<Item = &'s Bound<'s>> {
        std::iter::successors(self.bound, |bound| bound.outer)
    }

    pub(super) fn variable(&self, name: &str) -> Option<Term> {
        self.variables().find(|bound| bound.name == name).map(|bound| bound.term.clone())
    }

    /// A variable for the name, with the same spelling where that is free. An outer variable of the same name is hidden, as in HCL.
    fn fresh(&self, name: &str, ty: Type) -> Term {
        let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let mut spelling: String = name.chars().map(letter).collect();
        if !spelling.starts_with(|c: char| c.is_ascii_alphabetic()) {
            spelling.insert(0, 'v');
        }
        let other = |spelling: &str| {
            self.variables().any(|bound| bound.name != name && bound.term.text.strip_prefix('$') == Some(spelling))
        };
        while self.scope.is_taken(&spelling) || other(&spelling) {
            spelling.push('_');
        }
        Term::atom(&format!("${spelling}"), ty)
    }
}

pub(super) fn translated(of: &For, names: &Names) -> Result<Term, Refusal> {
    let over = super::translated(&of.over, names)?;
    let (keys, listed) = match &over.ty {
        Type::List(..) | Type::Tuple(_) => (Type::Number, true),
        // The elements of a set are their own keys.
        Type::Set(element) => ((**element).clone(), true),
        _ => match over.ty.unwrapped() {
            Type::List(..) | Type::Tuple(_) => (Type::Number, false),
            Type::Object(_) | Type::Map(_) => (Type::String, false),
            _ => (Type::Any, false),
        },
    };
    let set = matches!(over.ty.unwrapped(), Type::Set(_));
    let element =
        Bound { name: &of.variable, term: names.fresh(&of.variable, types::element(&over.ty)), outer: names.bound };
    let key_name = of.key_variable.as_deref().unwrap_or_default();
    let key_term = match set {
        true => element.term.clone(),
        false => Names { bound: Some(&element), ..*names }.fresh(key_name, keys),
    };
    let key = of.key_variable.as_deref().map(|name| Bound { name, term: key_term, outer: Some(&element) });
    let inside = Names { bound: Some(key.as_ref().unwrap_or(&element)), ..*names };

    let body = body(of, &inside)?;
    let length = if of.condition.is_some() { None } else { types::length(&over.ty) };
    let entry = body.ty.clone();
    let parameters = match &key {
        Some(key) if !set => format!("{}, {}", element.term.text, key.term.text),
        _ => element.term.text.clone(),
    };
    let (over, function) = if listed {
        (over, format!("function({parameters}) {{ {} }}", body.text))
    } else {
        let mut bindings = format!("{} := $pair.value", element.term.text);
        if let Some(key) = &key {
            let of_key = if set { "value" } else { "key" };
            bindings = format!("{} := $pair.{of_key}; {bindings}", key.term.text);
        }
        let pairs = Term::helped(Helper::Pairs, vec![over], Type::Any);
        (pairs, format!("function($pair) {{ ({bindings}; {}) }}", body.text))
    };
    let function = Term::atom(&function, Type::Any).and(&body);
    let all = Term::call("map", vec![over, function], Type::Any).collected(entry.clone(), length);
    Ok(match (&of.key, of.groups) {
        (None, _) => all,
        (Some(_), false) => Term::helped(Helper::United, vec![all], Type::Map(Box::new(entry))),
        (Some(_), true) => {
            let list = Type::List(Box::new(entry), None);
            Term::helped(Helper::Grouped, vec![all], Type::Map(Box::new(list)))
        }
    })
}

/// What is computed for one element, with the type of the element or entry that it makes.
fn body(of: &For, inside: &Names) -> Result<Term, Refusal> {
    let translated = |expr: &Expr| super::translated(expr, inside);
    let value = translated(&of.value)?;
    let ty = value.ty.clone();
    let made = match &of.key {
        None => value,
        Some(key) => {
            let key = translated(key)?.text_of();
            let text = match of.groups {
                false => format!("{{{}: {}}}", key.text, value.text),
                true => format!("{{'key': {}, 'value': {}}}", key.text, value.text),
            };
            Term::atom(&text, Type::Any).and(&key).and(&value)
        }
    };
    let Some(condition) = &of.condition else { return Ok(Term { ty, ..made }) };
    let condition = translated(condition)?.boolean();
    let text = format!("{} ? {}", condition.above(Binding::Conditional), made.above(Binding::Conditional));
    Ok(Term { binding: Binding::Conditional, ..Term::atom(&text, ty) }.and(&condition).and(&made))
}

/// What a splat goes over.
pub(super) fn elements(of: Term) -> Term {
    match &of.ty {
        Type::List(..) | Type::Tuple(_) | Type::Set(_) => of,
        Type::Null => Term::list(Vec::new()),
        Type::Any => Term::call("elements", vec![of], Type::List(Box::new(Type::Any), None)).using(Helper::Elements),
        Type::Optional(inner) => {
            let ty = match &**inner {
                Type::List(element, _) => Type::List(element.clone(), None),
                Type::Set(element) => Type::Set(element.clone()),
                list @ Type::Tuple(_) => Type::List(Box::new(types::element(list)), None),
                other => Type::List(Box::new(other.clone()), None),
            };
            Term::call("elements", vec![of], ty).using(Helper::Elements)
        }
        _ => Term::list(vec![of]),
    }
}
