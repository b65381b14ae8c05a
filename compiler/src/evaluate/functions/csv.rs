//! Comma-separated values.

use std::collections::BTreeSet;

use windlass_schemas::value::{Value, ValueKind};

use super::super::operate::Outcome;
use super::{Call, Function, counted, function};

pub(super) const FUNCTIONS: &[Function] = &[function(
    "csvdecode",
    &["string"],
    "The rows of CSV text as a list of objects with the first line's names as keys; all values are strings.",
    decode,
)];

fn decode(call: &Call) -> Outcome<ValueKind> {
    let text = call.text(0)?;
    call.elements(text.bytes().filter(|b| matches!(b, b',' | b'\n')).count() + 1)?;
    let unreadable = |error: csv::Error| match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or_else(|| "a line".to_owned(), |pos| format!("line {}", pos.line()));
            let (here, first) = (counted(*len as usize, "field"), counted(*expected_len as usize, "field"));
            call.wrong(0, format!("{line} has {here}, and the first has {first}"))
        }
        _ => call.wrong(0, format!("this is not CSV: {error}")),
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(unreadable)?.clone();
    if header.is_empty() {
        return Err(call.wrong(0, "the first line, which names the columns, is missing"));
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = header.iter().find(|name| !seen.insert(*name)) {
        return Err(call.wrong(0, format!("two columns have the name `{twice}`")));
    }
    let mut rows: Vec<Value> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let entries = header.iter().zip(&record).map(|(name, field)| (call.key(name), call.piece(field)));
        rows.push(call.value(ValueKind::Object(entries.collect())));
    }
    Ok(ValueKind::List(rows))
}
