//! Functions of lists and objects. A list without repetitions stands for a set.

use std::collections::BTreeMap;

use windlass_schemas::value::{Number, Object, Value, ValueKind};

use super::super::convert::{to_number, to_text};
use super::super::operate::{Operand, Outcome, compare, entry, equal, finite, sorted, whole};
use super::{Call, Function, json};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "length",
        params: &["value"],
        doc: "How many elements a list or object has, or characters a string.",
        run: length,
    },
    Function { name: "concat", params: &["lists…"], doc: "The lists, one after the other.", run: concat },
    Function {
        name: "merge",
        params: &["objects…"],
        doc: "The entries of all objects; of those with the same key, the last.",
        run: merge,
    },
    Function {
        name: "lookup",
        params: &["object", "key", "default?"],
        doc: "The entry of the object, or the default.",
        run: lookup,
    },
    Function {
        name: "contains",
        params: &["list", "value"],
        doc: "Whether the list has the value as an element.",
        run: contains,
    },
    Function { name: "keys", params: &["object"], doc: "The keys, sorted.", run: keys },
    Function { name: "values", params: &["object"], doc: "The values, in the order of their keys.", run: values },
    Function {
        name: "coalesce",
        params: &["values…"],
        doc: "The first value that is neither null nor an empty string.",
        run: coalesce,
    },
    Function {
        name: "range",
        params: &["limit_or_start", "limit?", "step?"],
        doc: "The numbers from a start (0) up to a limit, without it.",
        run: range,
    },
    Function {
        name: "toset",
        params: &["list"],
        doc: "The elements without repetitions; strings are sorted.",
        run: to_set,
    },
    Function {
        name: "distinct",
        params: &["list"],
        doc: "The elements without repetitions, in their order.",
        run: |c| Ok(ValueKind::List(unique(c)?)),
    },
    Function {
        name: "flatten",
        params: &["list"],
        doc: "The list with the elements of lists in it in their place.",
        run: flatten,
    },
    Function { name: "sort", params: &["list"], doc: "The strings of the list, sorted.", run: sort },
];

fn length(call: &Call) -> Outcome<ValueKind> {
    let count = match &call.arg(0)?.value.kind {
        ValueKind::List(items) => items.len(),
        ValueKind::Object(entries) => entries.len(),
        ValueKind::String(text) => text.chars().count(),
        _ => return call.needs(0, "a list, an object or a string"),
    };
    whole(count as i128, call.span)
}

fn concat(call: &Call) -> Outcome<ValueKind> {
    let lists: Vec<&[Value]> = (0..call.args.len()).map(|at| call.list(at)).collect::<Outcome<_>>()?;
    call.elements(lists.iter().map(|list| list.len()).sum())?;
    Ok(ValueKind::List(lists.concat()))
}

fn merge(call: &Call) -> Outcome<ValueKind> {
    let mut merged: Object = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for at in 0..call.args.len() {
        if matches!(call.arg(at)?.value.kind, ValueKind::Null) {
            continue;
        }
        for (key, value) in call.object(at)? {
            match places.get(key.value.as_str()).and_then(|at| merged.get_mut(*at)) {
                Some(entry) => *entry = (key.clone(), value.clone()),
                None => {
                    places.insert(&key.value, merged.len());
                    merged.push((key.clone(), value.clone()));
                }
            }
        }
    }
    Ok(ValueKind::Object(merged))
}

fn lookup(call: &Call) -> Outcome<ValueKind> {
    let (entries, key) = (call.object(0)?, call.text(1)?);
    match (entries.iter().find(|(name, _)| name.value == key), call.args.get(2)) {
        (Some((_, value)), _) => Ok(value.kind.clone()),
        (None, Some(default)) => Ok(default.value.kind.clone()),
        (None, None) => entry(call.arg(0)?, entries, &key, call.arg(1)?.span).map(|_| ValueKind::Null),
    }
}

fn contains(call: &Call) -> Outcome<ValueKind> {
    let wanted = call.arg(1)?.value;
    Ok(ValueKind::Bool(call.list(0)?.iter().any(|item| equal(item, wanted))))
}

fn keys(call: &Call) -> Outcome<ValueKind> {
    let entries = sorted(call.object(0)?);
    Ok(ValueKind::List(entries.into_iter().map(|(key, _)| call.value(ValueKind::String(key.to_owned()))).collect()))
}

fn values(call: &Call) -> Outcome<ValueKind> {
    Ok(ValueKind::List(sorted(call.object(0)?).into_iter().map(|(_, value)| value.clone()).collect()))
}

fn coalesce(call: &Call) -> Outcome<ValueKind> {
    let empty = |value: &Value| match &value.kind {
        ValueKind::Null => true,
        ValueKind::String(text) => text.is_empty(),
        _ => false,
    };
    match call.args.iter().find(|arg| !empty(arg.value)) {
        Some(arg) => Ok(arg.value.kind.clone()),
        None => Err(call.error(call.span, "every value is null or an empty string".to_owned())),
    }
}

fn range(call: &Call) -> Outcome<ValueKind> {
    let zero = Number::Int(0);
    let (start, limit) = match call.args.len() {
        1 => (zero, call.number(0)?),
        _ => (call.number(0)?, call.number(1)?),
    };
    let down = compare(limit, start).is_some_and(std::cmp::Ordering::is_lt);
    let step = match call.args.get(2) {
        Some(step) => to_number(*step, "`range`")?,
        None => Number::Int(if down { -1 } else { 1 }),
    };
    let steps = (limit.as_f64() - start.as_f64()) / step.as_f64();
    if step.as_f64() == 0.0 {
        return Err(call.error(call.arg(2)?.span, "the step is zero".to_owned()));
    }
    if steps < 0.0 {
        return Err(call.error(call.arg(2)?.span, "the step leads away from the limit".to_owned()));
    }
    call.elements(steps.ceil() as usize)?;
    let item = |at: usize| {
        let kind = match (start, step) {
            (Number::Int(start), Number::Int(step)) => {
                whole(i128::from(start) + at as i128 * i128::from(step), call.span)
            }
            _ => finite(start.as_f64() + at as f64 * step.as_f64(), call.span),
        };
        kind.map(|kind| call.value(kind))
    };
    Ok(ValueKind::List((0..steps.ceil() as usize).map(item).collect::<Outcome<_>>()?))
}

/// The elements, each once. Told apart by their JSON, so that a long list does not take the square of its length.
fn unique(call: &Call) -> Outcome<Vec<Value>> {
    let mut seen: BTreeMap<String, ()> = BTreeMap::new();
    let mut items = Vec::new();
    let place = call.arg(0)?.span;
    for item in call.list(0)? {
        let key = match &item.kind {
            ValueKind::Reference(reference) => reference.to_string(),
            _ => json::encode(call, Operand::new(item, place))?,
        };
        if seen.insert(key, ()).is_none() {
            items.push(item.clone());
        }
    }
    Ok(items)
}

fn to_set(call: &Call) -> Outcome<ValueKind> {
    let mut items = unique(call)?;
    items.sort_by(|a, b| match (&a.kind, &b.kind) {
        (ValueKind::String(a), ValueKind::String(b)) => a.cmp(b),
        (ValueKind::Number(a), ValueKind::Number(b)) => compare(*a, *b).unwrap_or(std::cmp::Ordering::Equal),
        _ => std::cmp::Ordering::Equal,
    });
    Ok(ValueKind::List(items))
}

fn flatten(call: &Call) -> Outcome<ValueKind> {
    fn add(items: &[Value], out: &mut Vec<Value>) {
        for item in items {
            match &item.kind {
                ValueKind::List(inner) => add(inner, out),
                _ => out.push(item.clone()),
            }
        }
    }
    let mut items = Vec::new();
    add(call.list(0)?, &mut items);
    Ok(ValueKind::List(items))
}

fn sort(call: &Call) -> Outcome<ValueKind> {
    let place = call.arg(0)?.span;
    let mut texts: Vec<(String, &Value)> = call
        .list(0)?
        .iter()
        .map(|item| Ok((to_text(Operand::new(item, place), "`sort`")?, item)))
        .collect::<Outcome<_>>()?;
    texts.sort_by(|a, b| a.0.cmp(&b.0));
    let value = |(text, item): (String, &Value)| Value::new(ValueKind::String(text), item.span);
    Ok(ValueKind::List(texts.into_iter().map(value).collect()))
}
