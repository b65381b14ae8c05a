//! Functions of sets. A set is a list without repetitions, sorted where it holds strings, numbers or bools.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use windlass_schemas::value::{Value, ValueKind};

use super::super::convert::{Shape, conform, shape_of, unify};
use super::super::operate::{Outcome, compare, sorted};
use super::{Call, Function, function, set_function};

pub(super) const FUNCTIONS: &[Function] =
    &[
        set_function("setintersection", &["set", "sets…"], "The elements that are in every set.", |c| {
            combine(c, |_, n, all| n == all)
        }),
        function("setproduct", &["set", "sets…"], "Every list with one element of each set, in their order.", product),
        set_function(
            "setsubtract",
            &["set", "without"],
            "The elements of the first set that are not in the second.",
            |c| combine(c, |first, n, _| first && n == 1),
        ),
        set_function("setunion", &["set", "sets…"], "The elements that are in any of the sets.", |c| {
            combine(c, |_, _, _| true)
        }),
        set_function("toset", &["list"], "The elements without repetitions, converted to one type and sorted.", |c| {
            match c.arg(0)?.value.kind {
                ValueKind::Null => Ok(ValueKind::Null),
                _ => Ok(ValueKind::List(set(unified(c, &[0])?))),
            }
        }),
    ];

/// The elements of the lists, one after the other, converted to the type that they have in common.
pub(super) fn unified(call: &Call, args: &[usize]) -> Outcome<Vec<Value>> {
    let mut items: Vec<Value> = Vec::new();
    for at in args {
        items.extend_from_slice(call.list(*at)?);
    }
    let Some(shape) = items.iter().map(shape_of).try_fold(Shape::Any, unify) else {
        return Err(call.wrong(args.first().copied().unwrap_or(0), "the elements have no type in common"));
    };
    for item in &mut items {
        conform(item, &shape);
    }
    Ok(items)
}

/// What tells values apart: equal values have the same.
pub(super) fn mark(value: &Value) -> String {
    fn write(value: &Value, out: &mut String) {
        use std::fmt::Write as _;
        // Writing to a string does not fail.
        match &value.kind {
            ValueKind::Number(number) => _ = write!(out, "{number}"),
            ValueKind::String(text) => _ = write!(out, "{text:?}"),
            ValueKind::Bool(value) => _ = write!(out, "{value}"),
            ValueKind::Reference(reference) => _ = write!(out, "@{reference}"),
            ValueKind::List(items) => {
                out.push('[');
                for item in items {
                    write(item, out);
                    out.push(',');
                }
                out.push(']');
            }
            ValueKind::Object(entries) => {
                out.push('{');
                for (key, value) in sorted(entries) {
                    _ = write!(out, "{key:?}:");
                    write(value, out);
                    out.push(',');
                }
                out.push('}');
            }
            kind => _ = write!(out, "{kind:?}"),
        }
    }
    let mut text = String::new();
    write(value, &mut text);
    text
}

pub(super) fn marks(items: &[Value]) -> BTreeSet<String> {
    items.iter().map(mark).collect()
}

/// The elements, each once.
pub(super) fn unique(items: Vec<Value>) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    items.into_iter().filter(|item| seen.insert(mark(item))).collect()
}

/// The elements, each once and sorted.
pub(in super::super) fn set(items: Vec<Value>) -> Vec<Value> {
    let mut items = unique(items);
    items.sort_by_cached_key(mark);
    items.sort_by(|a, b| match (&a.kind, &b.kind) {
        (ValueKind::String(a), ValueKind::String(b)) => a.cmp(b),
        (ValueKind::Number(a), ValueKind::Number(b)) => compare(*a, *b).unwrap_or(Ordering::Equal),
        (ValueKind::Bool(a), ValueKind::Bool(b)) => a.cmp(b),
        // By what tells them apart, so that the order in which they were given does not matter.
        _ => Ordering::Equal,
    });
    items
}

/// The set of the elements for which `keep` holds: of whether the first set has it, how many have it, how many there are.
fn combine(call: &Call, keep: fn(bool, usize, usize) -> bool) -> Outcome<ValueKind> {
    let count = call.args.len();
    let mut rest = unified(call, &(0..count).collect::<Vec<_>>())?;
    let mut all: Vec<Value> = Vec::new();
    let mut each: Vec<BTreeSet<String>> = Vec::new();
    for at in 0..count {
        let behind = rest.split_off(call.list(at)?.len());
        each.push(marks(&rest));
        all.append(&mut rest);
        rest = behind;
    }
    let kept = set(all).into_iter().filter(|item| {
        let mark = mark(item);
        let first = each.first().is_some_and(|set| set.contains(&mark));
        keep(first, each.iter().filter(|set| set.contains(&mark)).count(), count)
    });
    Ok(ValueKind::List(kept.collect()))
}

fn product(call: &Call) -> Outcome<ValueKind> {
    let lists: Vec<Vec<Value>> = (0..call.args.len()).map(|at| unified(call, &[at])).collect::<Outcome<_>>()?;
    let count = lists.iter().try_fold(1usize, |count, list| count.checked_mul(list.len()));
    call.elements(count.and_then(|count| count.checked_mul(lists.len())).unwrap_or(usize::MAX))?;
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for list in &lists {
        let extended = |row: &Vec<Value>| {
            let row = row.clone();
            list.iter().map(move |item| row.iter().cloned().chain([item.clone()]).collect::<Vec<_>>())
        };
        rows = rows.iter().flat_map(extended).collect();
    }
    Ok(ValueKind::List(rows.into_iter().map(|row| call.value(ValueKind::List(row))).collect()))
}
