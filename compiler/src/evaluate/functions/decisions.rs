//! Functions that choose, and that say whether something holds.

use windlass_schemas::value::{Value, ValueKind};

use super::super::convert::{Shape, conform, shape_of, to_bool, unify};
use super::super::operate::{Operand, Outcome};
use super::{Call, Function, Special, function, part, special};

pub(super) const FUNCTIONS: &[Function] = &[
    function("alltrue", &["list"], "Whether every element is true; an empty list has none that is not.", |c| {
        Ok(ValueKind::Bool(truths(c)?.into_iter().all(|truth| truth)))
    }),
    function("anytrue", &["list"], "Whether any element is true.", |c| {
        Ok(ValueKind::Bool(truths(c)?.into_iter().any(|truth| truth)))
    }),
    special("can", &["expression"], "Whether the expression has a value and no error.", Special::Can),
    part("coalesce", &["values…"], "The first value that is neither null nor an empty string.", coalesce),
    part("coalescelist", &["lists…"], "The first list that is not empty.", coalesce_list),
    special("try", &["expressions…"], "The value of the first expression that has one and no error.", Special::Try),
];

fn truths(call: &Call) -> Outcome<Vec<bool>> {
    let place = call.place(0);
    let truth = |item: &Value| match item.kind {
        ValueKind::Null => Ok(false),
        _ => to_bool(Operand::new(item, place), &call.user()),
    };
    call.list(0)?.iter().map(truth).collect()
}

fn coalesce(call: &Call) -> Outcome<Value> {
    let empty = |value: &Value| match &value.kind {
        ValueKind::Null => true,
        ValueKind::String(text) => text.is_empty(),
        _ => false,
    };
    let Some(chosen) = call.args.iter().find(|arg| !empty(arg.value)) else {
        return Err(call.error(call.span, "every value is null or an empty string"));
    };
    let Some(shape) = call.args.iter().map(|arg| shape_of(arg.value)).try_fold(Shape::Any, unify) else {
        return Err(call.error(call.span, "the values have no type in common"));
    };
    let mut value = chosen.value.clone();
    conform(&mut value, &shape);
    Ok(value)
}

fn coalesce_list(call: &Call) -> Outcome<Value> {
    for at in 0..call.args.len() {
        let empty = match &call.arg(at)?.value.kind {
            ValueKind::Null => true,
            _ => call.list(at)?.is_empty(),
        };
        if !empty {
            return Ok(call.arg(at)?.value.clone());
        }
    }
    Err(call.error(call.span, "every list is null or empty"))
}
