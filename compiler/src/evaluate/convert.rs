//! Conversions between strings, numbers and bools, as HCL makes them where an operator or function asks for one type,
//! and the type that several values have in common.

use std::collections::BTreeMap;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};
use windlass_schemas::codes::INVALID_OPERAND;
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::value::{Number, Value, ValueKind};

use super::operate::{Operand, Outcome};

fn mismatch<T>(operand: Operand, user: &str, wanted: &str) -> Outcome<T> {
    let found = match &operand.value.kind {
        ValueKind::String(text) if text.chars().count() <= 40 => format!("the string {text:?}"),
        _ => operand.value.describe().to_owned(),
    };
    let message = format!("{user} needs {wanted}, found {found}");
    Err(Box::new(Diagnostic::at(&INVALID_OPERAND, operand.span, message)))
}

/// A number, or a string that is one. `user` says who asks, as in "`+`".
pub fn to_number(operand: Operand, user: &str) -> Outcome<Number> {
    match &operand.value.kind {
        ValueKind::Number(number) => Ok(*number),
        ValueKind::String(text) => match Number::parse(text) {
            Some(number) => Ok(number),
            None => mismatch(operand, user, "a number"),
        },
        _ => mismatch(operand, user, "a number"),
    }
}

/// A bool, or a string that is one.
pub fn to_bool(operand: Operand, user: &str) -> Outcome<bool> {
    match &operand.value.kind {
        ValueKind::Bool(value) => Ok(*value),
        ValueKind::String(text) if text == "true" || text == "1" => Ok(true),
        ValueKind::String(text) if text == "false" || text == "0" => Ok(false),
        _ => mismatch(operand, user, "true or false"),
    }
}

/// A string, number or bool as text.
pub fn to_text(operand: Operand, user: &str) -> Outcome<String> {
    match &operand.value.kind {
        ValueKind::String(text) => Ok(text.clone()),
        ValueKind::Number(number) => Ok(number.to_string()),
        ValueKind::Bool(value) => Ok(value.to_string()),
        ValueKind::Reference(_) => mismatch(operand, user, "a string")
            .map_err(|finding| Box::new(finding.help("take a property of the block, as in `bucket.data.uri`"))),
        ValueKind::List(_) | ValueKind::Object(_) => mismatch(operand, user, "a string").map_err(|finding| {
            Box::new(finding.help("join a list with `join(\", \", list)`, or write JSON with `jsonencode`"))
        }),
        _ => mismatch(operand, user, "a string"),
    }
}

/// Text in Unicode's normal form C, as HCL holds every string: letters that look the same are the same.
pub fn normalized(text: String) -> String {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes { text } else { text.nfc().collect() }
}

/// What a value is, as far as conversions go.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// null, or what says nothing about the type.
    Any,
    Bool,
    Number,
    String,
    /// A list with a shape for each element.
    Tuple(Vec<Shape>),
    /// A list with one shape for all.
    List(Box<Shape>),
    /// An object with a shape for each attribute.
    Object(BTreeMap<String, Shape>),
    /// An object with one shape for all.
    Map(Box<Shape>),
}

/// The shape of a value.
pub fn shape_of(value: &Value) -> Shape {
    match &value.kind {
        ValueKind::Bool(_) => Shape::Bool,
        ValueKind::Number(_) => Shape::Number,
        ValueKind::String(_) => Shape::String,
        ValueKind::List(items) => Shape::Tuple(items.iter().map(shape_of).collect()),
        ValueKind::Object(entries) => {
            Shape::Object(entries.iter().map(|(key, value)| (key.value.clone(), shape_of(value))).collect())
        }
        ValueKind::Null
        | ValueKind::Reference(_)
        | ValueKind::Type(_)
        | ValueKind::Deferred(_)
        | ValueKind::Unknown => Shape::Any,
    }
}

/// The shape that values of both can be converted to: a number or a bool becomes a string beside one, lists of
/// different lengths and objects of different keys must agree in what they hold. `None` when there is none.
pub fn unify(a: Shape, b: Shape) -> Option<Shape> {
    use Shape::{Any, Bool, List, Map, Number, Object, String, Tuple};
    match (a, b) {
        (Any, other) | (other, Any) => Some(other),
        (Bool, Bool) => Some(Bool),
        (Number, Number) => Some(Number),
        (String, String | Bool | Number) | (Bool | Number, String) => Some(String),
        (Tuple(a), Tuple(b)) if a.len() == b.len() => {
            a.into_iter().zip(b).map(|(a, b)| unify(a, b)).collect::<Option<_>>().map(Tuple)
        }
        (Object(a), Object(b)) if a.len() == b.len() && a.keys().eq(b.keys()) => {
            a.into_iter().zip(b).map(|((key, a), (_, b))| Some((key, unify(a, b)?))).collect::<Option<_>>().map(Object)
        }
        (a @ (Tuple(_) | List(_)), b @ (Tuple(_) | List(_))) => {
            parts(a).into_iter().chain(parts(b)).try_fold(Any, unify).map(|shape| List(Box::new(shape)))
        }
        (a @ (Object(_) | Map(_)), b @ (Object(_) | Map(_))) => {
            parts(a).into_iter().chain(parts(b)).try_fold(Any, unify).map(|shape| Map(Box::new(shape)))
        }
        _ => None,
    }
}

fn parts(shape: Shape) -> Vec<Shape> {
    match shape {
        Shape::Tuple(parts) => parts,
        Shape::Object(parts) => parts.into_values().collect(),
        Shape::List(part) | Shape::Map(part) => vec![*part],
        _ => Vec::new(),
    }
}

/// Converts what the value holds to the shape, which came of unifying the value's own.
pub fn conform(value: &mut Value, shape: &Shape) {
    match (&mut value.kind, shape) {
        (ValueKind::Number(number), Shape::String) => value.kind = ValueKind::String(number.to_string()),
        (ValueKind::Bool(truth), Shape::String) => value.kind = ValueKind::String(truth.to_string()),
        (ValueKind::List(items), Shape::Tuple(shapes)) => {
            items.iter_mut().zip(shapes).for_each(|(item, shape)| conform(item, shape));
        }
        (ValueKind::List(items), Shape::List(shape)) => items.iter_mut().for_each(|item| conform(item, shape)),
        (ValueKind::Object(entries), Shape::Map(shape)) => {
            entries.iter_mut().for_each(|(_, value)| conform(value, shape));
        }
        (ValueKind::Object(entries), Shape::Object(shapes)) => {
            for (key, value) in entries {
                if let Some(shape) = shapes.get(&key.value) {
                    conform(value, shape);
                }
            }
        }
        _ => {}
    }
}
