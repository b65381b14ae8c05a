//! A translated expression: its text, how strongly it holds together, and what is known of its value.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use windlass_schemas::types::Type;

use super::helpers::{self, Helper};
use super::syntax::{self, Binding};
use super::types;

/// A translated expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    pub text: String,
    pub binding: Binding,
    /// What is known of its value.
    pub ty: Type,
    /// The functions that its text calls.
    pub helpers: BTreeSet<Helper>,
    /// Whether evaluating it can fail. Then it must not be evaluated where HCL would not: `and` and `or` are written as conditionals,
    /// because engines differ in whether they skip the right side.
    pub fails: bool,
}

impl Term {
    pub fn atom(text: &str, ty: Type) -> Self {
        Term { text: text.to_owned(), binding: Binding::Atom, ty, helpers: BTreeSet::new(), fails: false }
    }

    /// `$name(arguments)`
    pub fn call(name: &str, arguments: Vec<Term>, ty: Type) -> Self {
        let texts: Vec<&str> = arguments.iter().map(|a| a.text.as_str()).collect();
        let term = Term::atom(&format!("${name}({})", texts.join(", ")), ty);
        arguments.iter().fold(term, Term::and)
    }

    pub fn binary(left: Term, operator: &str, right: Term, binding: Binding, ty: Type) -> Self {
        // A comparison of comparisons is legal and unreadable.
        let left_text = if binding == Binding::Comparison { left.above(binding) } else { left.within(binding) };
        let text = format!("{left_text} {operator} {}", right.above(binding));
        Term { binding, ..Term::atom(&text, ty) }.and(&left).and(&right)
    }

    pub fn conditional(test: Term, then: Term, otherwise: Term) -> Self {
        let ty = types::joined(&then.ty, &otherwise.ty);
        let text =
            format!("{} ? {} : {}", test.above(Binding::Conditional), then.above(Binding::Conditional), otherwise.text);
        Term { binding: Binding::Conditional, ..Term::atom(&text, ty) }.and(&test).and(&then).and(&otherwise)
    }

    /// `$name(arguments)`, with the helper of this name.
    pub fn helped(helper: Helper, arguments: Vec<Term>, ty: Type) -> Self {
        Term::call(helper.name(), arguments, ty).using(helper).failing()
    }

    /// A string that is known.
    pub fn text(text: &str) -> Self {
        Term::atom(&syntax::string(text), Type::String)
    }

    /// A whole number that is known.
    pub fn whole(n: i64) -> Self {
        let binding = if n < 0 { Binding::Sign } else { Binding::Atom };
        Term { binding, ..Term::atom(&n.to_string(), Type::Number) }
    }

    pub fn null() -> Self {
        Term::atom("null", Type::Null)
    }

    /// `left = right`
    pub fn equals(left: Term, right: Term) -> Self {
        Term::binary(left, "=", right, Binding::Comparison, Type::Bool)
    }

    /// `[text]`, where `text` gives a sequence: without the brackets, and without `[]` behind it, a sequence of one element would be
    /// the element, and one of none nothing.
    pub fn collected(self, element: Type, length: Option<u64>) -> Self {
        let text = format!("[{}[]]", self.text);
        Term::atom(&text, Type::List(Box::new(element), length)).and(&self)
    }

    /// `[a, b]`; an element that is a list is wrapped, for JSONata would splice it.
    pub fn list(elements: Vec<Term>) -> Self {
        let types: Vec<Type> = elements.iter().map(|e| e.ty.clone()).collect();
        let mut list = Term::atom("", types::of_elements(types));
        let texts: Vec<String> = elements
            .into_iter()
            .map(|e| {
                let e = match &e.ty {
                    _ if is_constructor(&e.text) => e,
                    Type::List(..) | Type::Set(_) | Type::Tuple(_) => Term { text: format!("[{}]", e.text), ..e },
                    Type::Any | Type::Optional(_) => Term::call("cell", vec![e], Type::Any).using(Helper::Cell),
                    _ => e,
                };
                list.helpers.extend(&e.helpers);
                list.fails |= e.fails;
                e.text
            })
            .collect();
        list.text = format!("[{}]", texts.join(", "));
        list
    }

    #[must_use]
    pub fn using(mut self, helper: Helper) -> Self {
        self.helpers.insert(helper);
        self
    }

    #[must_use]
    pub fn failing(mut self) -> Self {
        self.fails = true;
        self
    }

    /// With what `part` needs.
    #[must_use]
    pub fn and(mut self, part: &Term) -> Self {
        self.helpers.extend(&part.helpers);
        self.fails |= part.fails;
        self
    }

    /// The text, in parentheses when it holds together less than `binding`.
    pub fn within(&self, binding: Binding) -> String {
        if self.binding >= binding { self.text.clone() } else { format!("({})", self.text) }
    }

    /// The text, in parentheses unless it holds together more than `binding`.
    pub(super) fn above(&self, binding: Binding) -> String {
        if self.binding > binding { self.text.clone() } else { format!("({})", self.text) }
    }

    /// What `body` makes of the value, which is computed once however often it stands there.
    pub(super) fn once(self, body: impl FnOnce(Term) -> Term) -> Term {
        let short = |c: char| c.is_ascii_alphanumeric() || matches!(c, '$' | '.' | '_');
        if self.text.chars().all(short) {
            return body(self);
        }
        let made = body(Term::atom("$one", self.ty.clone()));
        Term::atom(&format!("($one := {}; {})", self.text, made.text), made.ty.clone()).and(&self).and(&made)
    }

    /// As a number, with HCL's conversion from a string.
    pub fn number(self) -> Self {
        if self.ty == Type::Number { self } else { Term::helped(Helper::Numeric, vec![self], Type::Number) }
    }

    /// As a string, with HCL's conversion from numbers and bools.
    pub fn text_of(self) -> Self {
        match self.ty {
            Type::String => self,
            Type::Bool => Term::call("string", vec![self], Type::String),
            Type::Number => Term::call("digits", vec![self], Type::String).using(Helper::Digits),
            _ => Term::helped(Helper::Text, vec![self], Type::String),
        }
    }

    /// As true or false, with HCL's conversion from a string.
    pub fn boolean(self) -> Self {
        if self.ty == Type::Bool { self } else { Term::helped(Helper::Truth, vec![self], Type::Bool) }
    }

    fn expecting(self, what: &str, ty: Type) -> Self {
        Term::helped(Helper::Expect, vec![self, Term::text(what)], ty)
    }

    /// As a list; what it holds is known as far as the types show it.
    pub fn array(self) -> Self {
        match self.ty.unwrapped() {
            Type::List(..) | Type::Tuple(_) | Type::Set(_) if self.ty == *self.ty.unwrapped() => self,
            inner @ (Type::List(..) | Type::Tuple(_) | Type::Set(_)) => {
                let ty = inner.clone();
                self.expecting("array", ty)
            }
            _ => self.expecting("array", Type::List(Box::new(Type::Any), None)),
        }
    }

    pub fn object(self) -> Self {
        match self.ty.unwrapped() {
            Type::Object(_) | Type::Map(_) if self.ty == *self.ty.unwrapped() => self,
            inner @ (Type::Object(_) | Type::Map(_)) => {
                let ty = inner.clone();
                self.expecting("object", ty)
            }
            _ => self.expecting("object", Type::Map(Box::new(Type::Any))),
        }
    }

    /// Known not to be null.
    pub fn present(mut self) -> Self {
        self.ty = self.ty.unwrapped().clone();
        self
    }

    /// `OF.NAME`
    pub(super) fn field(self, name: &str) -> Self {
        let known = match self.ty.unwrapped() {
            Type::Object(fields) => fields.iter().find(|(n, _)| n == name).map(|(_, ty)| ty.clone()),
            Type::Map(element) => Some((**element).clone()),
            _ => None,
        };
        let there = known.is_some() && matches!(self.ty, Type::Object(_));
        let ty = known.unwrap_or(Type::Any);
        match syntax::field(name) {
            Some(name) if there => Term::atom(&format!("{}.{name}", self.within(Binding::Atom)), ty).and(&self),
            None if there => Term::call("lookup", vec![self, Term::text(name)], ty),
            _ => Term::helped(Helper::Field, vec![self, Term::text(name)], ty),
        }
    }

    /// `OF[INDEX]`; `constant` is the index where it is a whole number and known.
    pub(super) fn element(self, index: Term, constant: Option<i64>) -> Self {
        let at = constant.and_then(|at| u64::try_from(at).ok());
        let known = match (&self.ty, at) {
            (Type::List(element, Some(length)), Some(at)) if at < *length => Some((**element).clone()),
            (Type::Tuple(elements), Some(at)) => usize::try_from(at).ok().and_then(|at| elements.get(at)).cloned(),
            _ => None,
        };
        if let (Some(ty), Some(at)) = (known, at) {
            return Term::atom(&format!("{}[{at}]", self.within(Binding::Atom)), ty).and(&self);
        }
        match self.ty.unwrapped() {
            list @ (Type::List(..) | Type::Tuple(_)) => {
                let element = types::element(list);
                Term::helped(Helper::At, vec![self, index.number()], element)
            }
            object @ (Type::Map(_) | Type::Object(_)) => {
                let element = types::element(object);
                Term::helped(Helper::Field, vec![self, index.text_of()], element)
            }
            _ => Term::helped(Helper::Pick, vec![self, index], Type::Any),
        }
    }

    /// `{% … %}`, with the functions it needs.
    pub fn enclosed(&self) -> Json {
        Json::String(format!("{{% {} %}}", helpers::with(&self.helpers, &self.text)))
    }
}

/// Whether the text is a pair of brackets, indexed or not: JSONata does not splice a list that is written so into the one around it.
fn is_constructor(text: &str) -> bool {
    let mut depth = 0;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => _ = chars.next(),
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(c),
            // A regular expression may hold anything.
            (None, '/') => return false,
            (None, '[') => depth += 1,
            (None, ']') => depth -= 1,
            (None, _) if depth == 0 => return false,
            (None, _) => {}
        }
    }
    !text.is_empty()
}
