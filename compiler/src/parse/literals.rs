//! What is written to what it says: escapes and numbers. Scanning has reported what means nothing.

use windlass_schemas::value::Number;

/// What stands between the quotes of a string.
pub(super) fn inside(written: &str) -> &str {
    let inner = written.strip_prefix('"').unwrap_or(written);
    inner.strip_suffix('"').unwrap_or(inner)
}

/// Text of a quoted string, with its escapes resolved.
pub(super) fn quoted(written: &str) -> Box<str> {
    if !written.contains('\\') {
        return plain(written);
    }
    let mut text = String::with_capacity(written.len());
    let mut rest = written;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(&plain(before));
        let hex = |length: usize| {
            let code = after.get(1..1 + length).and_then(|digits| u32::from_str_radix(digits, 16).ok());
            code.and_then(char::from_u32).map(|letter| (letter, 1 + length))
        };
        let escape = match after.chars().next() {
            Some('n') => Some(('\n', 1)),
            Some('r') => Some(('\r', 1)),
            Some('t') => Some(('\t', 1)),
            Some('u') => hex(4),
            Some('U') => hex(8),
            other => other.map(|letter| (letter, letter.len_utf8())),
        };
        text.extend(escape.map(|(letter, _)| letter));
        rest = after.get(escape.map_or(0, |(_, length)| length)..).unwrap_or_default();
    }
    text.push_str(&plain(rest));
    text.into()
}

/// Text of a heredoc, which has one kind of escape: `$${` and `%%{`.
pub(super) fn plain(written: &str) -> Box<str> {
    match written.contains('{') && (written.contains("$${") || written.contains("%%{")) {
        true => written.replace("$${", "${").replace("%%{", "%{").into(),
        false => written.into(),
    }
}

/// A number with the sign before it; `None` when it cannot be held.
pub(super) fn number(written: &str, negative: bool) -> Option<Number> {
    match negative {
        true => Number::parse(&format!("-{written}")),
        false => Number::parse(written),
    }
}
