//! Functions of strings. A character is what a reader takes for one: a grapheme cluster.

use windlass_schemas::value::ValueKind;

use super::super::convert::to_text;
use super::super::operate::{Operand, Outcome};
use super::{Call, Function, characters, function, patterns};

pub(super) const FUNCTIONS: &[Function] = &[
    function("chomp", &["string"], "The string without line ends at its end.", |c| {
        c.string(c.text(0)?.trim_end_matches(['\n', '\r']))
    }),
    function("endswith", &["string", "suffix"], "Whether the string ends with the suffix.", |c| {
        Ok(ValueKind::Bool(c.text(0)?.ends_with(&c.text(1)?)))
    }),
    function("indent", &["spaces", "string"], "The string with spaces before every line but the first.", indent),
    function(
        "join",
        &["separator", "lists…"],
        "The elements of the lists as one string, with the separator between them.",
        join,
    ),
    function("lower", &["string"], "The string in small letters.", |c| c.string(c.text(0)?.to_lowercase())),
    function(
        "replace",
        &["string", "part", "replacement"],
        "The string with every occurrence of the part replaced; between slashes, the part is a regular expression.",
        replace,
    ),
    function("split", &["separator", "string"], "The parts of the string between separators, as a list.", split),
    function("startswith", &["string", "prefix"], "Whether the string begins with the prefix.", |c| {
        Ok(ValueKind::Bool(c.text(0)?.starts_with(&c.text(1)?)))
    }),
    function("strcontains", &["string", "part"], "Whether the part occurs in the string.", |c| {
        Ok(ValueKind::Bool(c.text(0)?.contains(&c.text(1)?)))
    }),
    function("strrev", &["string"], "The characters of the string in reverse order.", |c| {
        c.string(characters(&c.text(0)?, c.runs()).into_iter().rev().collect::<String>())
    }),
    function(
        "substr",
        &["string", "offset", "length"],
        "The characters from an offset on, which counts from the end when negative; a length of -1 takes all.",
        substr,
    ),
    function("title", &["string"], "The string with the first letter of each word in capitals.", title),
    function("tostring", &["value"], "The value as a string.", to_string),
    function("trim", &["string", "characters"], "The string without any of the characters at its ends.", |c| {
        let characters = c.text(1)?;
        c.string(c.text(0)?.trim_matches(|found| characters.contains(found)))
    }),
    function("trimprefix", &["string", "prefix"], "The string without the prefix.", |c| {
        let text = c.text(0)?;
        c.string(text.strip_prefix(&c.text(1)?).unwrap_or(&text))
    }),
    function("trimspace", &["string"], "The string without white space at its ends.", |c| c.string(c.text(0)?.trim())),
    function("trimsuffix", &["string", "suffix"], "The string without the suffix.", |c| {
        let text = c.text(0)?;
        c.string(text.strip_suffix(&c.text(1)?).unwrap_or(&text))
    }),
    function("upper", &["string"], "The string in capital letters.", |c| c.string(c.text(0)?.to_uppercase())),
];

fn to_string(call: &Call) -> Outcome<ValueKind> {
    match call.arg(0)?.value.kind {
        ValueKind::Null => Ok(ValueKind::Null),
        _ => call.text(0).map(ValueKind::String),
    }
}

fn indent(call: &Call) -> Outcome<ValueKind> {
    let (spaces, text) = (call.count(0)?, call.text(1)?);
    let lines = text.matches('\n').count();
    call.room(text.len().saturating_add(lines.saturating_mul(spaces)))?;
    if lines == 0 {
        return call.string(text);
    }
    call.string(text.replace('\n', &format!("\n{}", " ".repeat(spaces))))
}

fn join(call: &Call) -> Outcome<ValueKind> {
    let separator = call.text(0)?;
    let mut text = String::new();
    let mut first = true;
    for at in 1..call.args.len() {
        let place = call.arg(at)?.span;
        for item in call.list(at)? {
            let part = to_text(Operand::new(item, place), "`join`")?;
            if !std::mem::take(&mut first) {
                text.push_str(&separator);
            }
            text.push_str(&part);
            call.room(text.len())?;
        }
    }
    call.string(text)
}

fn split(call: &Call) -> Outcome<ValueKind> {
    let (separator, text) = (call.text(0)?, call.text(1)?);
    if separator.is_empty() {
        call.elements(text.len())?;
        return Ok(ValueKind::List(text.chars().map(|c| call.piece(c)).collect()));
    }
    call.elements(text.matches(separator.as_str()).count() + 1)?;
    Ok(ValueKind::List(text.split(separator.as_str()).map(|part| call.piece(part)).collect()))
}

fn replace(call: &Call) -> Outcome<ValueKind> {
    let (text, part, replacement) = (call.text(0)?, call.text(1)?, call.text(2)?);
    if let Some(pattern) = part.strip_prefix('/').and_then(|part| part.strip_suffix('/')) {
        return patterns::replace(call, &text, pattern, &replacement);
    }
    let count = text.matches(part.as_str()).count();
    call.room(text.len().saturating_add(count.saturating_mul(replacement.len())))?;
    call.string(text.replace(part.as_str(), &replacement))
}

fn substr(call: &Call) -> Outcome<ValueKind> {
    let text = call.text(0)?;
    let (offset, length) = (call.whole(1)?, call.whole(2)?);
    let from = match usize::try_from(offset) {
        Ok(from) => from,
        Err(_) => {
            let back = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            characters(&text, call.runs()).len().saturating_sub(back)
        }
    };
    // Any negative length takes all, as in Terraform.
    let count = usize::try_from(length).unwrap_or(usize::MAX);
    call.string(characters(&text, call.runs()).into_iter().skip(from).take(count).collect::<String>())
}

fn title(call: &Call) -> Outcome<ValueKind> {
    let inside = |c: char| if c.is_ascii() { c.is_ascii_alphanumeric() || c == '_' } else { !c.is_whitespace() };
    let mut title = String::new();
    let mut before = ' ';
    for c in call.text(0)?.chars() {
        match inside(before) {
            true => title.push(c),
            false => title.extend(c.to_uppercase()),
        }
        before = c;
    }
    call.string(title)
}
