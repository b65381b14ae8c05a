//! JSON to values and back.

use std::fmt::Write as _;

use serde_json::Value as Json;
use windlass_schemas::value::{Number, Value, ValueKind};

use super::super::operate::{Operand, Outcome, sorted};
use super::{Call, Function, function};

pub(super) const FUNCTIONS: &[Function] = &[
    function("jsondecode", &["string"], "The value that JSON text holds.", decode),
    function("jsonencode", &["value"], "The value as JSON, keys sorted, without white space.", |c| {
        c.string(encode(c, c.arg(0)?)?)
    }),
];

/// A value as JSON.
pub(super) fn encode(call: &Call, value: Operand) -> Outcome<String> {
    let mut text = String::new();
    write(call, value, &mut text)?;
    Ok(text)
}

fn write(call: &Call, operand: Operand, out: &mut String) -> Outcome<()> {
    call.room(out.len())?;
    let inner = |value| Operand::new(value, operand.span);
    match &operand.value.kind {
        ValueKind::Null => out.push_str("null"),
        ValueKind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        // Writing to a string does not fail.
        ValueKind::Number(number) => _ = write!(out, "{number}"),
        ValueKind::String(text) => quote(text, out),
        ValueKind::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(call, inner(item), out)?;
            }
            out.push(']');
        }
        ValueKind::Object(entries) => {
            out.push('{');
            for (at, (key, value)) in sorted(entries).into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                quote(key, out);
                out.push(':');
                write(call, inner(value), out)?;
            }
            out.push('}');
        }
        _ => return Err(call.error(operand.span, format!("JSON cannot hold {}", operand.value.describe()))),
    }
    Ok(())
}

/// As Terraform quotes: also what would mean something in HTML or JavaScript.
fn quote(text: &str, out: &mut String) {
    let quoted = Json::from(text).to_string();
    if !quoted.contains(['<', '>', '&', '\u{2028}', '\u{2029}']) {
        out.push_str(&quoted);
        return;
    }
    for c in quoted.chars() {
        match c {
            // Writing to a string does not fail.
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => _ = write!(out, "\\u{:04x}", u32::from(c)),
            _ => out.push(c),
        }
    }
}

fn decode(call: &Call) -> Outcome<ValueKind> {
    let text = call.text(0)?;
    // Every element but the first follows a comma.
    call.elements(text.bytes().filter(|b| *b == b',').count() + 1)?;
    match serde_json::from_str(&text) {
        Ok(json) => value(call, json).map(|value| value.kind),
        Err(error) => Err(call.wrong(0, format!("this is not JSON: {error}"))),
    }
}

fn value(call: &Call, json: Json) -> Outcome<Value> {
    let kind = match json {
        Json::Null => ValueKind::Null,
        Json::Bool(value) => ValueKind::Bool(value),
        Json::String(text) => return Ok(call.piece(text)),
        Json::Number(number) => {
            let number = number.as_i64().map(Number::Int).or_else(|| number.as_f64().and_then(Number::from_f64));
            ValueKind::Number(number.ok_or_else(|| call.error(call.span, "a number is too large"))?)
        }
        Json::Array(items) => ValueKind::List(items.into_iter().map(|item| value(call, item)).collect::<Outcome<_>>()?),
        Json::Object(entries) => {
            let entry = |(key, item): (String, Json)| Ok((call.key(key), value(call, item)?));
            ValueKind::Object(entries.into_iter().map(entry).collect::<Outcome<_>>()?)
        }
    };
    Ok(call.value(kind))
}
