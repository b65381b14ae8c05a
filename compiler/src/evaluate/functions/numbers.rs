//! Functions of numbers.

use std::cmp::Ordering;

use windlass_schemas::expr::BinaryOp;
use windlass_schemas::value::{Number, Value, ValueKind};

use super::super::convert::{to_bool, to_number};
use super::super::operate::{Operand, Outcome, binary, compare, finite, whole};
use super::{Call, Function, function};

pub(super) const FUNCTIONS: &[Function] = &[
    function("abs", &["number"], "The number without its sign.", abs),
    function("ceil", &["number"], "The least whole number that is not less.", |c| round(c, f64::ceil)),
    function("floor", &["number"], "The greatest whole number that is not greater.", |c| round(c, f64::floor)),
    function("log", &["number", "base"], "The logarithm of the number to the base.", log),
    function("max", &["number", "numbers…"], "The greatest of the numbers.", |c| extreme(c, Ordering::Greater)),
    function("min", &["number", "numbers…"], "The least of the numbers.", |c| extreme(c, Ordering::Less)),
    function("parseint", &["string", "base"], "The whole number that the string writes in a base from 2 to 62.", parse),
    function("pow", &["number", "exponent"], "The number raised to the exponent.", pow),
    function("signum", &["number"], "-1, 0 or 1, as the sign of the whole number.", |c| {
        Ok(ValueKind::Number(Number::Int(c.whole(0)?.signum())))
    }),
    function("sum", &["list"], "The sum of the numbers in the list.", sum),
    function("tobool", &["value"], "The value as true or false.", |c| {
        unless_null(c, |c| to_bool(c.arg(0)?, "`tobool`").map(ValueKind::Bool))
    }),
    function("tonumber", &["value"], "The value as a number.", |c| {
        unless_null(c, |c| to_number(c.arg(0)?, "`tonumber`").map(ValueKind::Number))
    }),
];

fn unless_null(call: &Call, convert: fn(&Call) -> Outcome<ValueKind>) -> Outcome<ValueKind> {
    match call.arg(0)?.value.kind {
        ValueKind::Null => Ok(ValueKind::Null),
        _ => convert(call),
    }
}

fn extreme(call: &Call, wanted: Ordering) -> Outcome<ValueKind> {
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

fn log(call: &Call) -> Outcome<ValueKind> {
    finite(call.number(0)?.as_f64().ln() / call.number(1)?.as_f64().ln(), call.span)
}

fn pow(call: &Call) -> Outcome<ValueKind> {
    let (base, exponent) = (call.number(0)?, call.number(1)?);
    // Whole numbers stay exact as long as they fit.
    if let (Number::Int(base), Number::Int(exponent)) = (base, exponent)
        && let Some(exact) = u32::try_from(exponent).ok().and_then(|exponent| base.checked_pow(exponent))
    {
        return Ok(ValueKind::Number(Number::Int(exact)));
    }
    finite(base.as_f64().powf(exponent.as_f64()), call.span)
}

fn parse(call: &Call) -> Outcome<ValueKind> {
    let (text, base) = (call.text(0)?, call.whole(1)?);
    if !(2..=62).contains(&base) {
        return Err(call.wrong(1, format!("a base is from 2 to 62, found {base}")));
    }
    let digit = |c: char| {
        let value = match c {
            '0'..='9' => c as i128 - '0' as i128,
            'a'..='z' => c as i128 - 'a' as i128 + 10,
            'A'..='Z' if base <= 36 => c as i128 - 'A' as i128 + 10,
            'A'..='Z' => c as i128 - 'A' as i128 + 36,
            _ => return None,
        };
        (value < i128::from(base)).then_some(value)
    };
    let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
    let invalid = || call.wrong(0, format!("the string {text:?} is no whole number in base {base}"));
    if digits.is_empty() {
        return Err(invalid());
    }
    let mut number: i128 = 0;
    for c in digits.chars() {
        let digit = digit(c).ok_or_else(invalid)?;
        number = number
            .checked_mul(i128::from(base))
            .and_then(|n| n.checked_add(digit))
            .ok_or_else(|| call.wrong(0, "the number is too large to be exact"))?;
    }
    whole(if text.starts_with('-') { -number } else { number }, call.span)
}

fn sum(call: &Call) -> Outcome<ValueKind> {
    let (items, place) = (call.list(0)?, call.place(0));
    let Some((first, rest)) = items.split_first() else {
        return Err(call.wrong(0, "the list is empty, and has no sum"));
    };
    let number = |item: &Value| to_number(Operand::new(item, place), "`sum`").map(ValueKind::Number);
    rest.iter().try_fold(number(first)?, |sum, item| {
        let (sum, item) = (call.value(sum), call.value(number(item)?));
        binary(BinaryOp::Add, Operand::new(&sum, call.span), Operand::new(&item, place), call.span)
    })
}
