//! What an expression of the spec evaluates to, with the place of every part.

use std::fmt;

use crate::expr::Expr;
use crate::span::{Span, Spanned};
use crate::types::Type;

/// A value and the place that it was written at (for a folded expression, the expression's place).
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// What it is.
    pub kind: ValueKind,
    /// Where it stands.
    pub span: Span,
    /// It must not be shown: it is, or was made from, something that was declared sensitive. A part of a list or object
    /// may be sensitive alone.
    pub sensitive: bool,
    /// A list without order or repetitions, as `toset` makes it: it has no indexes.
    pub set: bool,
}

/// What a value can be.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueKind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
    /// A list or tuple.
    List(Vec<Value>),
    /// An object or map.
    Object(Object),
    /// The name of a block, such as `model.risk`.
    Reference(Reference),
    /// A type, as in `type = list(string)`.
    Type(Type),
    /// Known only when the workflow runs or in the monitoring system.
    Deferred(Box<Expr>),
    /// An error about it has been reported already: whoever meets it stays silent.
    Unknown,
}

/// The keys and values of an object, in the order written; keys are unique.
pub type Object = Vec<(Spanned<String>, Value)>;

/// A block named by an expression.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// The block's type: `model`, `service`, …
    pub block: &'static str,
    /// Its label.
    pub name: String,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.block, self.name)
    }
}

/// A number: exact as long as it is a whole one within 64 bits.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// A whole number.
    Int(i64),
    /// Any other; never infinite or NaN.
    Float(f64),
}

impl Number {
    /// The number as a float, rounded when a whole one needs more than 53 bits.
    pub fn as_f64(self) -> f64 {
        match self {
            Number::Int(n) => n as f64,
            Number::Float(x) => x,
        }
    }

    /// `x` as a number: whole when it is whole and exact. `None` when it is infinite or NaN.
    pub fn from_f64(x: f64) -> Option<Number> {
        const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53
        if !x.is_finite() {
            None
        } else if x.fract() == 0.0 && x.abs() <= EXACT {
            Some(Number::Int(x as i64))
        } else {
            Some(Number::Float(x))
        }
    }

    /// A decimal number as it is written: digits, a fraction, an exponent. `None` for anything else, also where
    /// exactness would be lost in a whole number.
    pub fn parse(text: &str) -> Option<Number> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let shaped = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
        if !shaped {
            return None;
        }
        if let Ok(n) = text.parse::<i64>() {
            return Some(Number::Int(n));
        }
        let float: f64 = text.parse().ok()?;
        let number = Number::from_f64(float)?;
        if digits.bytes().all(|b| b.is_ascii_digit()) {
            // A whole number that a float would round is not the number that was written.
            return text.parse::<i128>().is_ok_and(|n| float as i128 == n).then_some(number);
        }
        Some(number)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => a == b,
            _ => self.as_f64() == other.as_f64(),
        }
    }
}

/// As HCL prints a number in a template: no exponent for whole ones, the shortest exact decimal otherwise.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(n) => write!(f, "{n}"),
            // Up to here a whole number has at most 21 digits, and all of them are its own.
            Number::Float(x) if x.fract() == 0.0 && x.abs() < 1e21 => write!(f, "{x:.0}"),
            Number::Float(x) => write!(f, "{x}"),
        }
    }
}

impl Value {
    /// A value of this kind at `span`.
    pub fn new(kind: ValueKind, span: Span) -> Self {
        Value { kind, span, sensitive: false, set: false }
    }

    /// The value of `key`, when this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match &self.kind {
            ValueKind::Object(entries) => entries.iter().find(|(k, _)| k.value == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// True when the value or a part of it is known only later.
    pub fn is_deferred(&self) -> bool {
        match &self.kind {
            ValueKind::Deferred(_) => true,
            ValueKind::List(items) => items.iter().any(Value::is_deferred),
            ValueKind::Object(entries) => entries.iter().any(|(_, v)| v.is_deferred()),
            _ => false,
        }
    }

    /// True when the value or a part of it must not be shown.
    pub fn is_sensitive(&self) -> bool {
        self.sensitive
            || match &self.kind {
                ValueKind::List(items) => items.iter().any(Value::is_sensitive),
                ValueKind::Object(entries) => entries.iter().any(|(_, v)| v.is_sensitive()),
                _ => false,
            }
    }

    /// The same value, not to be shown when `sensitive` holds.
    #[must_use]
    pub fn marked(mut self, sensitive: bool) -> Self {
        self.sensitive |= sensitive;
        self
    }

    /// True when an error about the value or a part of it has been reported.
    pub fn is_unknown(&self) -> bool {
        match &self.kind {
            ValueKind::Unknown => true,
            ValueKind::List(items) => items.iter().any(Value::is_unknown),
            ValueKind::Object(entries) => entries.iter().any(|(_, v)| v.is_unknown()),
            _ => false,
        }
    }

    /// The value as a spec would write it, on one line; long ones are cut, sensitive ones not shown.
    pub fn shown(&self) -> String {
        let mut text = String::new();
        self.write_short(&mut text);
        match text.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }

    fn write_short(&self, out: &mut String) {
        if self.sensitive {
            return out.push_str(MASK);
        }
        // What is cut off need not be written.
        if out.len() > SHOWN * 4 {
            return;
        }
        match &self.kind {
            ValueKind::Null => out.push_str("null"),
            ValueKind::Bool(value) => *out += &value.to_string(),
            ValueKind::Number(number) => *out += &number.to_string(),
            ValueKind::String(text) => *out += &format!("{:?}", text.chars().take(SHOWN + 1).collect::<String>()),
            ValueKind::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { ", " });
                    item.write_short(out);
                }
                out.push(']');
            }
            ValueKind::Object(entries) if entries.is_empty() => out.push_str("{}"),
            ValueKind::Object(entries) => {
                for (at, (key, value)) in entries.iter().enumerate() {
                    *out += if at == 0 { "{ " } else { ", " };
                    *out += &format!("{} = ", key.value);
                    value.write_short(out);
                }
                out.push_str(" }");
            }
            ValueKind::Reference(reference) => *out += &reference.to_string(),
            ValueKind::Type(ty) => *out += &ty.to_string(),
            ValueKind::Deferred(_) => out.push_str("(known only later)"),
            ValueKind::Unknown => out.push_str("(unknown)"),
        }
    }

    /// The text with everything that is sensitive in this value taken out of it.
    pub fn masked(&self, text: &str) -> String {
        self.masked_as(text, false)
    }

    fn masked_as(&self, text: &str, sensitive: bool) -> String {
        let sensitive = sensitive || self.sensitive;
        match &self.kind {
            ValueKind::List(items) => items.iter().fold(text.to_owned(), |text, item| item.masked_as(&text, sensitive)),
            ValueKind::Object(entries) => entries.iter().fold(text.to_owned(), |text, (key, value)| {
                let text = value.masked_as(&text, sensitive);
                if sensitive { hide(&text, key) } else { text }
            }),
            ValueKind::String(secret) if sensitive => {
                let quoted = format!("{secret:?}");
                let inner = quoted.trim_matches('"');
                let text = hide(text, secret);
                if inner == secret { text } else { hide(&text, inner) }
            }
            ValueKind::Number(secret) if sensitive => hide(text, &secret.to_string()),
            ValueKind::Bool(secret) if sensitive => hide(text, &secret.to_string()),
            _ => text.to_owned(),
        }
    }

    /// What a user calls it: `a string`, `a list`, …
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            ValueKind::Null => "null",
            ValueKind::Bool(_) => "a bool",
            ValueKind::Number(_) => "a number",
            ValueKind::String(_) => "a string",
            ValueKind::List(_) if self.set => "a set",
            ValueKind::List(_) => "a list",
            ValueKind::Object(_) => "an object",
            ValueKind::Reference(_) => "a reference to a block",
            ValueKind::Type(_) => "a type",
            ValueKind::Deferred(_) => "a value that is known only later",
            ValueKind::Unknown => "an unknown value",
        }
    }
}

/// Characters of a value that a finding shows.
const SHOWN: usize = 60;

/// What stands for a value that must not be shown.
pub const MASK: &str = "(sensitive value)";

fn hide(text: &str, secret: &str) -> String {
    if secret.is_empty() { text.to_owned() } else { text.replace(secret, MASK) }
}

impl From<Value> for Expr {
    /// The value as an expression: parts that are known stay literals, deferred parts come to the surface.
    fn from(value: Value) -> Expr {
        use crate::expr::ExprKind;
        let span = value.span;
        if !value.is_deferred() {
            return Expr::new(ExprKind::Literal(value), span);
        }
        match value.kind {
            // A loop variable was made where it is declared, and stands where it is used.
            ValueKind::Deferred(expr) if matches!(expr.kind, ExprKind::Variable(_)) => Expr::new(expr.kind, span),
            ValueKind::Deferred(expr) => *expr,
            ValueKind::List(items) => Expr::new(ExprKind::List(items.into_iter().map(Expr::from).collect()), span),
            ValueKind::Object(entries) => {
                let entries = entries.into_iter().map(|(key, value)| (key, Expr::from(value))).collect();
                Expr::new(ExprKind::Object(entries), span)
            }
            kind => Expr::new(ExprKind::Literal(Value::new(kind, span)), span),
        }
    }
}
