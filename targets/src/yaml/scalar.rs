//! Which strings may stand bare, which as a block, and how the others are quoted.

use std::fmt::Write as _;

/// Words that YAML 1.1 or 1.2, or a reader that is lax about either, takes for something else than a string.
const WORDS: [&str; 12] = ["false", "inf", "infinity", "n", "nan", "no", "null", "off", "on", "true", "y", "yes"];

/// What these words begin with.
const FIRST: [u8; 6] = *b"finoty";

fn is_word(text: &str) -> bool {
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Writes a string on one line: bare when that is safe, else in double quotes.
pub fn inline(out: &mut String, text: &str) {
    if is_bare(text) { out.push_str(text) } else { quoted(out, text) }
}

/// Writes a string in double quotes.
pub fn quoted(out: &mut String, text: &str) {
    out.push('"');
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\') {
        out.push_str(text);
        out.push('"');
        return;
    }
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if shown(c) => out.push(c),
            c => {
                // Writing to a string cannot fail.
                let _ = match u32::from(c) {
                    n @ ..0x100 => write!(out, "\\x{n:02X}"),
                    n @ ..0x1_0000 => write!(out, "\\u{n:04X}"),
                    n => write!(out, "\\U{n:08X}"),
                };
            }
        }
    }
    out.push('"');
}

/// Bytes that mean nothing to YAML inside of a string.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < plain.len() {
        plain[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let others = b"-_./+=@,";
    let mut at = 0;
    while at < others.len() {
        plain[others[at] as usize] = true;
        at += 1;
    }
    plain
};

/// Bare: begins with a letter or `/`, goes on with characters that mean nothing to YAML, and is no word of its own.
///
/// Numbers, dates and times begin with a digit, a sign or a point, so none is bare; nor are `~`, `=`, `<<` and `---`.
pub fn is_bare(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some((first, rest)) = bytes.split_first() else { return false };
    if !(first.is_ascii_alphabetic() || *first == b'/') {
        return false;
    }
    let fine = |(at, byte): (usize, &u8)| match byte {
        // A colon before a space ends a key; two spaces in a row or one at the end would be lost.
        b':' | b' ' => rest.get(at + 1).is_some_and(|next| !matches!(next, b' ' | b':')),
        byte => PLAIN[usize::from(*byte)],
    };
    // Nearly all texts are plain: looking at each byte is quicker than asking after each whether to go on.
    (rest.iter().fold(true, |plain, byte| plain & PLAIN[usize::from(*byte)]) || rest.iter().enumerate().all(fine))
        && (bytes.len() > 8 || !FIRST.contains(&first.to_ascii_lowercase()) || !is_word(text))
}

/// Whether a text is best shown as a block of lines: it has several, and nothing that a block would lose or disguise.
pub fn is_block(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && !text.ends_with("\n\n")
        && text.lines().all(|line| !line.ends_with([' ', '\t']))
        && text.chars().all(|c| c == '\n' || c == '\t' || shown(c))
}

/// Whether a reviewer sees the character and every reader takes it as it is. Control characters, the line breaks of
/// Unicode, the marks of byte and writing order and other invisible ones are not.
pub fn shown(c: char) -> bool {
    match u32::from(c) {
        0x20..=0x7E => true,
        0..0xA1 | 0xAD | 0x2000..=0x200F | 0x2028..=0x202F | 0x205F..=0x206F | 0x3000 | 0xFEFF => false,
        0xFFF9..=0xFFFF | 0xE_0000..=0xE_0FFF => false,
        // The last two of every plane are no characters.
        n => n & 0xFFFE != 0xFFFE,
    }
}

/// A number as YAML 1.1 and 1.2 both read it: with a point, and with a sign in the exponent.
pub fn float(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let text = format!("{value:?}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let point = if mantissa.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with('-') { "" } else { "+" };
            format!("{mantissa}{point}e{sign}{exponent}")
        }
        None => text,
    }
}
