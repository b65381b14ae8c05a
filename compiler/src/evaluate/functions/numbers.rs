//! Functions of numbers and bools.

use windlass_schemas::value::{Number, ValueKind};

use super::super::convert::{to_bool, to_number};
use super::super::operate::{Outcome, compare, finite, whole};
use super::{Call, Function};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "min",
        params: &["number", "numbers…"],
        doc: "The least of the numbers.",
        run: |c| extreme(c, std::cmp::Ordering::Less),
    },
    Function {
        name: "max",
        params: &["number", "numbers…"],
        doc: "The greatest of the numbers.",
        run: |c| extreme(c, std::cmp::Ordering::Greater),
    },
    Function { name: "abs", params: &["number"], doc: "The number without its sign.", run: abs },
    Function {
        name: "ceil",
        params: &["number"],
        doc: "The least whole number that is not less.",
        run: |c| round(c, f64::ceil),
    },
    Function {
        name: "floor",
        params: &["number"],
        doc: "The greatest whole number that is not greater.",
        run: |c| round(c, f64::floor),
    },
    Function {
        name: "tonumber",
        params: &["value"],
        doc: "The value as a number.",
        run: |c| unless_null(c, |c| to_number(c.arg(0)?, "`tonumber`").map(ValueKind::Number)),
    },
    Function {
        name: "tobool",
        params: &["value"],
        doc: "The value as true or false.",
        run: |c| unless_null(c, |c| to_bool(c.arg(0)?, "`tobool`").map(ValueKind::Bool)),
    },
];

fn unless_null(call: &Call, convert: fn(&Call) -> Outcome<ValueKind>) -> Outcome<ValueKind> {
    match call.arg(0)?.value.kind {
        ValueKind::Null => Ok(ValueKind::Null),
        _ => convert(call),
    }
}

fn extreme(call: &Call, wanted: std::cmp::Ordering) -> Outcome<ValueKind> {
    let mut best = call.number(0)?;
    for at in 1..call.args.len() {
        let number = call.number(at)?;
        if compare(number, best) == Some(wanted) {
            best = number;
        }
    }
    Ok(ValueKind::Number(best))
}

fn abs(call: &Call) -> Outcome<ValueKind> {
    match call.number(0)? {
        Number::Int(n) => whole(i128::from(n).abs(), call.span),
        Number::Float(x) => finite(x.abs(), call.span),
    }
}

fn round(call: &Call, round: fn(f64) -> f64) -> Outcome<ValueKind> {
    match call.number(0)? {
        Number::Int(n) => Ok(ValueKind::Number(Number::Int(n))),
        Number::Float(x) => finite(round(x), call.span),
    }
}
