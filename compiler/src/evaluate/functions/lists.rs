//! Functions of lists.

use windlass_schemas::value::{Number, Value, ValueKind};

use super::super::convert::{to_number, to_text};
use super::super::operate::{Operand, Outcome, compare, equal, finite, whole};
use super::{Call, Function, counted, function, part, sets};

pub(super) const FUNCTIONS: &[Function] = &[
    function("chunklist", &["list", "size"], "The list cut into lists of at most this size; 0 cuts nothing.", chunk),
    function("compact", &["list"], "The strings of the list that are neither empty nor null.", compact),
    function("concat", &["lists…"], "The lists, one after the other.", concat),
    function("contains", &["list", "value"], "Whether the list has the value as an element.", |c| {
        let wanted = c.arg(1)?.value;
        Ok(ValueKind::Bool(c.list(0)?.iter().any(|item| equal(item, wanted))))
    }),
    function("distinct", &["list"], "The elements without repetitions, in their order.", |c| {
        Ok(ValueKind::List(sets::unique(sets::unified(c, &[0])?)))
    }),
    part("element", &["list", "index"], "The element at the index, which goes around at both ends.", element),
    function("flatten", &["list"], "The list with the elements of lists in it in their place.", flatten),
    function("index", &["list", "value"], "The index of the first element that is equal to the value.", index),
    function(
        "matchkeys",
        &["values", "keys", "wanted"],
        "The values whose key, at the same place in the second list, is in the third.",
        match_keys,
    ),
    part("one", &["list"], "The element of a list with one, null of a list with none.", one),
    function(
        "range",
        &["limit_or_start", "limit?", "step?"],
        "The numbers from a start (0) up to a limit, without it.",
        range,
    ),
    function("slice", &["list", "start", "end"], "The elements from one index up to another, without it.", slice),
    function("sort", &["list"], "The strings of the list, sorted.", sort),
    function("tolist", &["value"], "The elements as a list, converted to one type.", |c| match c.arg(0)?.value.kind {
        ValueKind::Null => Ok(ValueKind::Null),
        _ => Ok(ValueKind::List(sets::unified(c, &[0])?)),
    }),
];

fn chunk(call: &Call) -> Outcome<ValueKind> {
    let (items, size) = (sets::unified(call, &[0])?, call.count(1)?);
    let size = if size == 0 { items.len().max(1) } else { size };
    Ok(ValueKind::List(items.chunks(size).map(|part| call.value(ValueKind::List(part.to_vec()))).collect()))
}

fn compact(call: &Call) -> Outcome<ValueKind> {
    let place = call.place(0);
    let mut kept = Vec::new();
    for item in call.list(0)? {
        if matches!(item.kind, ValueKind::Null) {
            continue;
        }
        let text = to_text(Operand::new(item, place), "`compact`")?;
        if !text.is_empty() {
            kept.push(Value { kind: ValueKind::String(text), ..item.clone() });
        }
    }
    Ok(ValueKind::List(kept))
}

fn concat(call: &Call) -> Outcome<ValueKind> {
    if let Some(at) = call.args.iter().position(|arg| arg.value.set) {
        return Err(Box::new(
            call.wrong(at, "a set has no order").help("write `tolist(…)` to add its elements to a list, or `setunion`"),
        ));
    }
    let lists: Vec<&[Value]> = (0..call.args.len()).map(|at| call.list(at)).collect::<Outcome<_>>()?;
    call.elements(lists.iter().map(|list| list.len()).sum())?;
    Ok(ValueKind::List(lists.concat()))
}

fn element(call: &Call) -> Outcome<Value> {
    let (items, index) = (call.list(0)?, call.whole(1)?);
    let at = index.checked_rem_euclid(items.len() as i64).and_then(|at| items.get(usize::try_from(at).ok()?));
    match at {
        Some(item) => Ok(item.clone()),
        None => Err(call.wrong(0, "the list is empty")),
    }
}

fn flatten(call: &Call) -> Outcome<ValueKind> {
    fn add(items: &[Value], sensitive: bool, out: &mut Vec<Value>) {
        for item in items {
            match &item.kind {
                // The list goes, and with it its mark.
                ValueKind::List(inner) => add(inner, sensitive || item.sensitive, out),
                _ => out.push(item.clone().marked(sensitive)),
            }
        }
    }
    let mut items = Vec::new();
    add(call.list(0)?, false, &mut items);
    Ok(ValueKind::List(items))
}

fn index(call: &Call) -> Outcome<ValueKind> {
    let wanted = call.arg(1)?.value;
    match call.list(0)?.iter().position(|item| equal(item, wanted)) {
        Some(at) => whole(at as i128, call.span),
        None => Err(call.wrong(1, "the list has no such element")),
    }
}

fn match_keys(call: &Call) -> Outcome<ValueKind> {
    let values = call.list(0)?;
    let mut keys = sets::unified(call, &[1, 2])?;
    let wanted = keys.split_off(call.list(1)?.len());
    if keys.len() != values.len() {
        return Err(
            call.wrong(1, format!("found {} for {}", counted(keys.len(), "key"), counted(values.len(), "value")))
        );
    }
    let wanted = sets::marks(&wanted);
    let kept = values.iter().zip(&keys).filter(|(_, key)| wanted.contains(&sets::mark(key)));
    Ok(ValueKind::List(kept.map(|(value, _)| value.clone()).collect()))
}

fn one(call: &Call) -> Outcome<Value> {
    match call.list(0)? {
        [] => Ok(call.value(ValueKind::Null)),
        [item] => Ok(item.clone()),
        items => Err(call.wrong(0, format!("the list has {} elements, and may have one", items.len()))),
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
        return Err(call.wrong(2, "the step is zero"));
    }
    if steps < 0.0 {
        return Err(call.wrong(2, "the step leads away from the limit"));
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

fn slice(call: &Call) -> Outcome<ValueKind> {
    let (items, start, end) = (call.list(0)?, call.count(1)?, call.count(2)?);
    if end > items.len() {
        return Err(
            call.wrong(2, format!("the list has {}, so it cannot end at {end}", counted(items.len(), "element")))
        );
    }
    match items.get(start..end) {
        Some(part) => Ok(ValueKind::List(part.to_vec())),
        None => Err(call.wrong(1, format!("it cannot start at {start} and end at {end}"))),
    }
}

fn sort(call: &Call) -> Outcome<ValueKind> {
    let mut texts: Vec<(String, &Value)> = call.texts(0)?.into_iter().zip(call.list(0)?).collect();
    texts.sort_by(|a, b| a.0.cmp(&b.0));
    let value = |(text, item): (String, &Value)| Value { kind: ValueKind::String(text), ..item.clone() };
    Ok(ValueKind::List(texts.into_iter().map(value).collect()))
}
