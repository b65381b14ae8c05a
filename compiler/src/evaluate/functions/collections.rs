//! Functions that take a list, an object or a string alike.

use windlass_schemas::value::ValueKind;

use super::super::operate::{Outcome, whole};
use super::{Call, Function, characters, function};

pub(super) const FUNCTIONS: &[Function] = &[
    function("length", &["value"], "How many elements a list or object has, or characters a string.", length),
    function("reverse", &["list"], "The elements of the list in reverse order.", |c| {
        Ok(ValueKind::List(c.list(0)?.iter().rev().cloned().collect()))
    }),
];

fn length(call: &Call) -> Outcome<ValueKind> {
    let count = match &call.arg(0)?.value.kind {
        ValueKind::List(items) => items.len(),
        ValueKind::Object(entries) => entries.len(),
        ValueKind::String(text) if text.is_ascii() && (call.runs() || !text.contains('\r')) => text.len(),
        ValueKind::String(text) => characters(text, call.runs()).len(),
        _ => return call.needs(0, "a list, an object or a string"),
    };
    whole(count as i128, call.span)
}
