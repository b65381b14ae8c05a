//! Functions of objects.

use std::collections::BTreeMap;

use windlass_schemas::value::{Object, Value, ValueKind};

use super::super::convert::{Shape, conform, shape_of, to_text, unify};
use super::super::operate::{Operand, Outcome, entry, sorted};
use super::{Call, Function, counted, function, part};

pub(super) const FUNCTIONS: &[Function] = &[
    function("keys", &["object"], "The keys, sorted.", |c| {
        Ok(ValueKind::List(sorted(c.object(0)?).into_iter().map(|(key, _)| c.piece(key)).collect()))
    }),
    part("lookup", &["object", "key", "default?"], "The entry of the object, or the default.", lookup),
    function("merge", &["objects…"], "The entries of all objects; of those with the same key, the last.", merge),
    function("tomap", &["value"], "The object with its values converted to one type.", to_map),
    function(
        "transpose",
        &["object"],
        "Of an object with lists of strings: each string with the list of the keys whose list has it.",
        transpose,
    ),
    function("values", &["object"], "The values, in the order of their keys.", |c| {
        Ok(ValueKind::List(sorted(c.object(0)?).into_iter().map(|(_, value)| value.clone()).collect()))
    }),
    function("zipmap", &["keys", "values"], "The object of the keys in one list with the values in another.", zip),
];

fn lookup(call: &Call) -> Outcome<Value> {
    let (entries, key) = (call.object(0)?, call.text(1)?);
    match (entries.iter().find(|(name, _)| name.value == key), call.args.get(2)) {
        (Some((_, value)), _) => Ok(value.clone()),
        (None, Some(default)) => Ok(default.value.clone()),
        (None, None) => entry(call.arg(0)?, entries, &key, call.arg(1)?.span).map(|_| call.value(ValueKind::Null)),
    }
}

/// An object that entries are put in, each in place of an earlier one of its key.
#[derive(Default)]
struct Entries {
    entries: Object,
    places: BTreeMap<String, usize>,
}

impl Entries {
    fn put(&mut self, key: windlass_schemas::span::Spanned<String>, value: Value) {
        match self.places.get(&key.value).and_then(|at| self.entries.get_mut(*at)) {
            Some(entry) => *entry = (key, value),
            None => {
                self.places.insert(key.value.clone(), self.entries.len());
                self.entries.push((key, value));
            }
        }
    }
}

fn merge(call: &Call) -> Outcome<ValueKind> {
    let mut merged = Entries::default();
    for at in 0..call.args.len() {
        if matches!(call.arg(at)?.value.kind, ValueKind::Null) {
            continue;
        }
        for (key, value) in call.object(at)? {
            merged.put(key.clone(), value.clone());
        }
    }
    Ok(ValueKind::Object(merged.entries))
}

fn to_map(call: &Call) -> Outcome<ValueKind> {
    if matches!(call.arg(0)?.value.kind, ValueKind::Null) {
        return Ok(ValueKind::Null);
    }
    let mut entries = call.object(0)?.clone();
    let Some(shape) = entries.iter().map(|(_, value)| shape_of(value)).try_fold(Shape::Any, unify) else {
        return Err(call.wrong(0, "its values have no type in common"));
    };
    for (_, value) in &mut entries {
        conform(value, &shape);
    }
    Ok(ValueKind::Object(entries))
}

fn transpose(call: &Call) -> Outcome<ValueKind> {
    let place = call.place(0);
    let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (key, list) in sorted(call.object(0)?) {
        let ValueKind::List(items) = &list.kind else {
            return Err(call.wrong(0, format!("the entry `{key}` must be a list, and is {}", list.describe())));
        };
        for item in items {
            found.entry(to_text(Operand::new(item, place), "`transpose`")?).or_default().push(call.piece(key));
        }
    }
    let entry = |(text, keys)| (call.key(text), call.value(ValueKind::List(keys)));
    Ok(ValueKind::Object(found.into_iter().map(entry).collect()))
}

fn zip(call: &Call) -> Outcome<ValueKind> {
    let (keys, values) = (call.texts(0)?, call.list(1)?);
    if keys.len() != values.len() {
        return Err(call
            .error(call.span, format!("found {} for {}", counted(keys.len(), "key"), counted(values.len(), "value"))));
    }
    let mut entries = Entries::default();
    for (key, value) in keys.into_iter().zip(values) {
        entries.put(call.key(key), value.clone());
    }
    Ok(ValueKind::Object(entries.entries))
}
