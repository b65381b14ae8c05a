//! What operators, `.` and `[ ]` mean, over values that are known.
//!
//! Used when compiling and when a deferred expression is run. An operand comes with the place of its expression, which
//! for a referred value is not the place where the value was written.

use windlass_schemas::codes::{ARITHMETIC, INVALID_OPERAND, UNKNOWN_ATTRIBUTE};
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::expr::{BinaryOp, UnaryOp};
use windlass_schemas::span::Span;
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::value::{Number, Object, Value, ValueKind};

use super::convert::{to_bool, to_number, to_text};
use super::decimal;

/// The result of one step, or the finding that explains why there is none.
pub type Outcome<T> = Result<T, Box<Diagnostic>>;

/// A value and the place of the expression that gave it.
#[derive(Clone, Copy, Debug)]
pub struct Operand<'v> {
    /// The value.
    pub value: &'v Value,
    /// The expression.
    pub span: Span,
}

impl<'v> Operand<'v> {
    /// A value and the place of the expression that gave it.
    pub fn new(value: &'v Value, span: Span) -> Self {
        Operand { value, span }
    }
}

/// `-X` or `!X`
pub fn unary(op: UnaryOp, operand: Operand) -> Outcome<ValueKind> {
    match op {
        UnaryOp::Not => Ok(ValueKind::Bool(!to_bool(operand, "`!`")?)),
        UnaryOp::Negate => match to_number(operand, "`-`")? {
            Number::Int(n) => whole(-i128::from(n), operand.span),
            Number::Float(x) => finite(-x, operand.span),
        },
    }
}

/// `A op B`, where both are known. `&&` and `||` are cut short by the caller, who knows whether B is needed.
pub fn binary(op: BinaryOp, left: Operand, right: Operand, span: Span) -> Outcome<ValueKind> {
    binary_by(op, left, right, span, arithmetic)
}

/// `A op B` in a running workflow, where numbers are binary: `0.1 + 0.2` is not `0.3`, and beyond 2^53 whole numbers have gaps.
pub fn binary_later(op: BinaryOp, left: Operand, right: Operand, span: Span) -> Outcome<ValueKind> {
    binary_by(op, left, right, span, |op, a, b, span| finite(floating(op, a.as_f64(), b.as_f64()), span))
}

fn binary_by(
    op: BinaryOp,
    left: Operand,
    right: Operand,
    span: Span,
    arithmetic: fn(BinaryOp, Number, Number, Span) -> Outcome<ValueKind>,
) -> Outcome<ValueKind> {
    use BinaryOp::*;
    let symbol = format!("`{}`", op.symbol());
    let bools = || Ok::<_, Box<Diagnostic>>((to_bool(left, &symbol)?, to_bool(right, &symbol)?));
    let numbers = || Ok::<_, Box<Diagnostic>>((to_number(left, &symbol)?, to_number(right, &symbol)?));
    let joined = op == Add && [left, right].iter().all(|side| matches!(side.value.kind, ValueKind::String(_)));
    let numbers = || {
        let template = "strings are joined in a template: `\"${a}${b}\"`";
        numbers().map_err(|finding| if joined { Box::new(finding.help(template)) } else { finding })
    };
    let ordered = |holds: fn(std::cmp::Ordering) -> bool| {
        let (a, b) = numbers()?;
        Ok(ValueKind::Bool(compare(a, b).is_some_and(holds)))
    };
    match op {
        Equal => Ok(ValueKind::Bool(equal(left.value, right.value))),
        NotEqual => Ok(ValueKind::Bool(!equal(left.value, right.value))),
        And => bools().map(|(a, b)| ValueKind::Bool(a && b)),
        Or => bools().map(|(a, b)| ValueKind::Bool(a || b)),
        Less => ordered(std::cmp::Ordering::is_lt),
        LessOrEqual => ordered(std::cmp::Ordering::is_le),
        Greater => ordered(std::cmp::Ordering::is_gt),
        GreaterOrEqual => ordered(std::cmp::Ordering::is_ge),
        Add | Subtract | Multiply | Divide | Modulo => {
            let (a, b) = numbers()?;
            if matches!(op, Divide | Modulo) && b.as_f64() == 0.0 {
                return Err(Box::new(
                    Diagnostic::at(&ARITHMETIC, right.span, "division by zero").saying("this is zero"),
                ));
            }
            arithmetic(op, a, b, span)
        }
    }
}

/// Whole numbers stay exact; a result that is whole but could only be rounded is refused.
fn arithmetic(op: BinaryOp, a: Number, b: Number, span: Span) -> Outcome<ValueKind> {
    if let (Number::Int(a), Number::Int(b)) = (a, b) {
        let (a, b) = (i128::from(a), i128::from(b));
        match op {
            BinaryOp::Add => return whole(a + b, span),
            BinaryOp::Subtract => return whole(a - b, span),
            BinaryOp::Multiply => return whole(a * b, span),
            BinaryOp::Modulo => return whole(a % b, span),
            _ if a % b == 0 => return whole(a / b, span),
            _ => {}
        }
    }
    finite(decimal::compute(op, a, b).unwrap_or_else(|| floating(op, a.as_f64(), b.as_f64())), span)
}

fn floating(op: BinaryOp, a: f64, b: f64) -> f64 {
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Subtract => a - b,
        BinaryOp::Multiply => a * b,
        BinaryOp::Divide => a / b,
        _ => a % b,
    }
}

/// A whole result, exact in 64 bits or as a float.
pub(super) fn whole(n: i128, span: Span) -> Outcome<ValueKind> {
    if let Ok(n) = i64::try_from(n) {
        return Ok(ValueKind::Number(Number::Int(n)));
    }
    let float = n as f64;
    if float as i128 == n {
        return Ok(ValueKind::Number(Number::Float(float)));
    }
    Err(Box::new(
        Diagnostic::at(&ARITHMETIC, span, format!("the result {n} is too large to be exact"))
            .help("whole numbers are exact between -9223372036854775808 and 9223372036854775807"),
    ))
}

/// A result that must be finite.
pub(super) fn finite(x: f64, span: Span) -> Outcome<ValueKind> {
    match Number::from_f64(x) {
        Some(number) => Ok(ValueKind::Number(number)),
        None => Err(Box::new(Diagnostic::at(&ARITHMETIC, span, "the result is not a finite number"))),
    }
}

/// How two numbers stand to each other, exactly.
pub(super) fn compare(a: Number, b: Number) -> Option<std::cmp::Ordering> {
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
        _ => a.as_f64().partial_cmp(&b.as_f64()),
    }
}

/// Equality as HCL has it: nothing is converted, and the order of an object's keys does not count.
pub fn equal(a: &Value, b: &Value) -> bool {
    match (&a.kind, &b.kind) {
        (ValueKind::Null, ValueKind::Null) => true,
        (ValueKind::Bool(a), ValueKind::Bool(b)) => a == b,
        (ValueKind::Number(a), ValueKind::Number(b)) => a == b,
        (ValueKind::String(a), ValueKind::String(b)) => a == b,
        (ValueKind::Reference(a), ValueKind::Reference(b)) => a == b,
        (ValueKind::List(x), ValueKind::List(y)) => {
            a.set == b.set && x.len() == y.len() && x.iter().zip(y).all(|(x, y)| equal(x, y))
        }
        (ValueKind::Object(a), ValueKind::Object(b)) => {
            let (a, b) = (sorted(a), sorted(b));
            a.len() == b.len() && a.iter().zip(&b).all(|((k, a), (l, b))| k == l && equal(a, b))
        }
        _ => false,
    }
}

/// The entries by key: the order in which HCL goes over an object.
pub(super) fn sorted(object: &Object) -> Vec<(&str, &Value)> {
    let mut entries: Vec<_> = object.iter().map(|(key, value)| (key.value.as_str(), value)).collect();
    entries.sort_by_key(|(key, _)| *key);
    entries
}

/// Where in an object the entry `name` stands.
pub(super) fn entry(object: Operand, entries: &Object, name: &str, place: Span) -> Outcome<usize> {
    if let Some(at) = entries.iter().position(|(key, _)| key.value == name) {
        return Ok(at);
    }
    let names = || entries.iter().map(|(key, _)| key.value.as_str());
    let has = if entries.is_empty() { "the object is empty".to_owned() } else { format!("it has {}", listed(names())) };
    let mut finding = Diagnostic::at(&UNKNOWN_ATTRIBUTE, place, format!("the object has no attribute `{name}`"))
        .help(did_you_mean(name, names()).unwrap_or(has.clone()));
    if object.value.span != object.span && object.value.span != Span::default() {
        finding = finding.label(object.value.span, has);
    }
    Err(Box::new(finding))
}

/// `OF.NAME`: which entry of an object it takes.
pub fn field<'v>(of: Operand<'v>, name: &str, place: Span) -> Outcome<&'v Value> {
    match &of.value.kind {
        ValueKind::Object(entries) => {
            let at = entry(of, entries, name, place)?;
            entries.get(at).map(|(_, value)| value).ok_or_else(|| unreachable_entry(place))
        }
        ValueKind::List(_) => Err(Box::new(
            Diagnostic::at(&INVALID_OPERAND, place, format!("a list has no attribute `{name}`"))
                .help(format!("take it of every element with `[*].{name}`, or of one with `[0].{name}`")),
        )),
        _ => Err(Box::new(Diagnostic::at(
            &INVALID_OPERAND,
            place,
            format!("{} has no attribute `{name}`", of.value.describe()),
        ))),
    }
}

/// `OF[KEY]`
pub fn index<'v>(of: Operand<'v>, key: Operand) -> Outcome<&'v Value> {
    match &of.value.kind {
        ValueKind::Object(entries) => {
            let name = to_text(key, "the key of an object")?;
            let at = entry(of, entries, &name, key.span)?;
            entries.get(at).map(|(_, value)| value).ok_or_else(|| unreachable_entry(key.span))
        }
        ValueKind::List(_) if of.value.set => Err(Box::new(
            Diagnostic::at(&INVALID_OPERAND, key.span, "a set has no order, and so no indexes")
                .help("take the element of a list, as in `tolist(set)[0]`; `one(set)` takes the only one"),
        )),
        ValueKind::List(items) => {
            let number = to_number(key, "the index of a list")?;
            let at = match number {
                Number::Int(n) => usize::try_from(n).ok(),
                Number::Float(_) => {
                    return Err(Box::new(Diagnostic::at(
                        &INVALID_OPERAND,
                        key.span,
                        format!("the index of a list is a whole number, not {number}"),
                    )));
                }
            };
            at.and_then(|at| items.get(at)).ok_or_else(|| {
                let has = match items.len() {
                    0 => "the list is empty".to_owned(),
                    1 => "the list has one element, `[0]`".to_owned(),
                    n => format!("the list has {n} elements, `[0]` to `[{}]`", n - 1),
                };
                Box::new(
                    Diagnostic::at(&INVALID_OPERAND, key.span, format!("the list has no element `[{number}]`"))
                        .help(has),
                )
            })
        }
        _ => Err(Box::new(Diagnostic::at(
            &INVALID_OPERAND,
            key.span,
            format!("{} has no elements to take with `[ ]`", of.value.describe()),
        ))),
    }
}

fn unreachable_entry(place: Span) -> Box<Diagnostic> {
    Box::new(Diagnostic::at(&UNKNOWN_ATTRIBUTE, place, "the object has no such attribute"))
}

/// Names for a help text: the first few, in backticks.
pub(super) fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    const SHOWN: usize = 8;
    let mut text = String::new();
    for (at, name) in names.enumerate() {
        if at == SHOWN {
            text.push_str(", …");
            break;
        }
        text.push_str(if at == 0 { "`" } else { ", `" });
        text.push_str(name);
        text.push('`');
    }
    text
}
