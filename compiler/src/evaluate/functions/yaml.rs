//! YAML to values and back.
//!
//! What is written is, to the byte, what Terraform writes: strings always in double quotes, folded at 80 columns, or as
//! literal blocks where they have lines; lists as far left as their keys. Read is YAML 1.2.

use std::fmt::Write as _;

use serde_yaml::Value as Yaml;
use windlass_schemas::value::{Number, Value, ValueKind};

use super::super::operate::{Operand, Outcome, sorted};
use super::{Call, Function, function};

pub(super) const FUNCTIONS: &[Function] = &[
    function("yamldecode", &["string"], "The value that one YAML document holds.", decode),
    function("yamlencode", &["value"], "The value as a YAML document, keys sorted.", |c| {
        let mut writer = Writer { call: c, out: String::new() };
        let value = c.arg(0)?;
        writer.check(value, value.value)?;
        writer.node(value.value, 0, Position::Top)?;
        if matches!(value.value.kind, ValueKind::Null | ValueKind::Bool(_) | ValueKind::Number(_)) {
            // Else a reader would not know that the document ends here.
            writer.out.push_str("...\n");
        }
        c.string(writer.out)
    }),
];

/// The column behind which a quoted string goes on in the next line.
const WIDTH: usize = 80;
/// Bytes that a key may have to stand before a `:`.
const MAX_KEY: usize = 128;

/// What stands before a value.
#[derive(Clone, Copy, PartialEq)]
enum Position {
    Top,
    /// `key:`
    Entry,
    /// `-`, `?` or an explicit `:`, which a list or an object follows in the same line.
    Item,
}

struct Writer<'c> {
    call: &'c Call<'c>,
    out: String,
}

impl Writer<'_> {
    fn check(&self, whole: Operand, value: &Value) -> Outcome<()> {
        match &value.kind {
            ValueKind::List(items) => items.iter().try_for_each(|item| self.check(whole, item)),
            ValueKind::Object(entries) => entries.iter().try_for_each(|(_, value)| self.check(whole, value)),
            ValueKind::Null | ValueKind::Bool(_) | ValueKind::Number(_) | ValueKind::String(_) => Ok(()),
            _ => Err(self.call.error(whole.span, format!("YAML cannot hold {}", value.describe()))),
        }
    }

    /// A value and the end of its last line. `indent` is that of the list or object around it.
    fn node(&mut self, value: &Value, indent: usize, position: Position) -> Outcome<()> {
        self.call.room(self.out.len())?;
        let inner = match position {
            Position::Top => 0,
            _ => indent + 2,
        };
        match &value.kind {
            ValueKind::List(items) if !items.is_empty() => {
                let at = if position == Position::Entry { indent } else { inner };
                self.first(position, at);
                for (n, item) in items.iter().enumerate() {
                    self.line(n, at);
                    self.out.push('-');
                    self.node(item, at, Position::Item)?;
                }
            }
            ValueKind::Object(entries) if !entries.is_empty() => {
                self.first(position, inner);
                for (n, (key, value)) in sorted(entries).into_iter().enumerate() {
                    self.line(n, inner);
                    if key.len() <= MAX_KEY && !key.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
                        self.quoted(key, None);
                        self.out.push(':');
                        self.node(value, inner, Position::Entry)?;
                    } else {
                        self.out.push_str("? ");
                        self.text(key, inner + 2);
                        self.out.push('\n');
                        self.line(1, inner);
                        self.out.push(':');
                        self.node(value, inner, Position::Item)?;
                    }
                }
            }
            kind => {
                if position != Position::Top {
                    self.out.push(' ');
                }
                match kind {
                    ValueKind::List(_) => self.out.push_str("[]"),
                    ValueKind::Object(_) => self.out.push_str("{}"),
                    ValueKind::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
                    // Writing to a string does not fail.
                    ValueKind::Number(number) => _ = write!(self.out, "{number}"),
                    ValueKind::String(text) => self.text(text, if position == Position::Top { 2 } else { inner }),
                    _ => self.out.push_str("null"),
                }
                self.out.push('\n');
            }
        }
        Ok(())
    }

    /// Before the first entry: it goes to the next line, or on in this one.
    fn first(&mut self, position: Position, indent: usize) {
        match position {
            Position::Top => {}
            Position::Entry => {
                self.out.push('\n');
                self.out.push_str(&" ".repeat(indent));
            }
            Position::Item => self.out.push(' '),
        }
    }

    fn line(&mut self, at: usize, indent: usize) {
        if at > 0 {
            self.out.push_str(&" ".repeat(indent));
        }
    }

    /// A string, without the end of its last line.
    fn text(&mut self, text: &str, indent: usize) {
        let plain = |c: char| c == '\n' || printable(c) && !matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}');
        let block = text.contains('\n') && text.chars().all(plain) && !text.contains(" \n") && !text.ends_with(' ');
        if !block {
            return self.quoted(text, Some(indent));
        }
        self.out.push('|');
        if text.starts_with([' ', '\n']) {
            self.out.push('2');
        }
        let body = text.strip_suffix('\n');
        match body {
            None => self.out.push('-'),
            Some(body) if body.is_empty() || body.ends_with('\n') => self.out.push('+'),
            Some(_) => {}
        }
        for line in body.unwrap_or(text).split('\n') {
            self.out.push('\n');
            if !line.is_empty() {
                self.out.push_str(&" ".repeat(indent));
                self.out.push_str(line);
            }
        }
    }

    /// A string in double quotes; with an indentation, it may go over several lines.
    fn quoted(&mut self, text: &str, indent: Option<usize>) {
        let line = self.out.rsplit('\n').next().unwrap_or_default();
        let mut column = line.chars().count() + 1;
        let mut space = false;
        self.out.push('"');
        let before = |out: &String| out.len();
        let mut chars = text.chars().enumerate().peekable();
        let last = text.chars().count().saturating_sub(1);
        while let Some((at, c)) = chars.next() {
            let start = before(&self.out);
            match (c, indent) {
                (' ', Some(indent)) if !space && column > WIDTH && at > 0 && at < last => {
                    self.out.push('\n');
                    self.out.push_str(&" ".repeat(indent));
                    column = indent;
                    space = true;
                    if chars.peek().is_some_and(|(_, next)| *next == ' ') {
                        self.out.push('\\');
                        column += 1;
                    }
                    continue;
                }
                _ => escape(c, &mut self.out),
            }
            space = c == ' ';
            column += self.out.get(start..).map_or(0, |added| added.chars().count());
        }
        self.out.push('"');
    }
}

fn printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}

fn escape(c: char, out: &mut String) {
    let short = match c {
        '\0' => "\\0",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{b}' => "\\v",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        '\u{1b}' => "\\e",
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{85}' => "\\N",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        _ if printable(c) => return out.push(c),
        _ => "",
    };
    // Writing to a string does not fail.
    _ = match (short, u32::from(c)) {
        ("", code @ ..=0xff) => write!(out, "\\x{code:02X}"),
        ("", code @ ..=0xffff) => write!(out, "\\u{code:04X}"),
        ("", code) => write!(out, "\\U{code:08X}"),
        _ => write!(out, "{short}"),
    };
}

fn decode(call: &Call) -> Outcome<ValueKind> {
    let text = call.text(0)?;
    let wrong = |error: serde_yaml::Error| {
        let why = error.to_string();
        match why.contains("more than one document") {
            true => call.wrong(0, "there is more than one document"),
            false => call.wrong(0, format!("this is not YAML: {why}")),
        }
    };
    if text.lines().all(|line| line.trim_start().is_empty() || line.trim_start().starts_with('#')) {
        return Err(call.wrong(0, "the document is empty"));
    }
    let mut yaml: Yaml = serde_yaml::from_str(&text).map_err(wrong)?;
    yaml.apply_merge().map_err(wrong)?;
    let mut count = 0;
    value(call, yaml, &mut count).map(|value| value.kind)
}

fn value(call: &Call, yaml: Yaml, count: &mut usize) -> Outcome<Value> {
    *count += 1;
    call.elements(*count)?;
    let kind = match yaml {
        Yaml::Null => ValueKind::Null,
        Yaml::Bool(value) => ValueKind::Bool(value),
        Yaml::String(text) => return Ok(call.piece(text)),
        Yaml::Number(number) => {
            let number = number.as_i64().map(Number::Int).or_else(|| number.as_f64().and_then(Number::from_f64));
            ValueKind::Number(number.ok_or_else(|| call.wrong(0, "a number is too large, or none"))?)
        }
        Yaml::Sequence(items) => {
            ValueKind::List(items.into_iter().map(|item| value(call, item, count)).collect::<Outcome<_>>()?)
        }
        Yaml::Mapping(entries) => {
            let mut object = Vec::with_capacity(entries.len());
            for (key, item) in entries {
                let key = match key {
                    Yaml::String(text) => text,
                    Yaml::Bool(value) => value.to_string(),
                    Yaml::Number(number) => number.to_string(),
                    _ => return Err(call.wrong(0, "a key is neither a string nor a number nor a bool")),
                };
                object.push((call.key(key), value(call, item, count)?));
            }
            ValueKind::Object(object)
        }
        Yaml::Tagged(tagged) => return Err(call.wrong(0, format!("the tag `{}` means nothing here", tagged.tag))),
    };
    Ok(call.value(kind))
}
