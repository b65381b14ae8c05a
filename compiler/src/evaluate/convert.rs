//! Conversions between strings, numbers and bools, as HCL makes them where an operator or function asks for one type.

use windlass_schemas::codes::INVALID_OPERAND;
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::value::{Number, ValueKind};

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
        ValueKind::String(text) => match parse_number(text) {
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

/// A decimal number: digits, a fraction, an exponent. `None` for anything else, also where exactness would be lost in
/// a whole number.
pub fn parse_number(text: &str) -> Option<Number> {
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
