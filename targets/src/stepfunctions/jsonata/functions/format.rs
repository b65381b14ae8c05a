//! `format`, for the verbs whose results JSONata can give to the character.

use windlass_schemas::types::Type;

use super::super::helpers::Helper;
use super::super::syntax::Binding;
use super::{ANY, Call, Function, Spelled, Term, function};

pub(super) const FUNCTIONS: &[Function] = &[function("format", 1, ANY, format)];

const VERBS: &str = "use `%s`, `%d`, `%t`, `%q`, `%%`, with a width, `-`, or `0` before a width of `%d`";

/// A part of a format.
enum Part {
    Text(String),
    Verb { left: bool, zero: bool, width: usize, chosen: Option<usize>, letter: char },
}

/// The parts of a format; `None` when it asks for what is not translated.
fn parts(format: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        if chars.next_if_eq(&'%').is_some() {
            text.push('%');
            continue;
        }
        if !text.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut text)));
        }
        let (mut left, mut zero, mut width, mut chosen) = (false, false, 0, None);
        while let Some(flag) = chars.next_if(|c| matches!(c, '-' | '0')) {
            if flag == '-' { left = true } else { zero = true }
        }
        while let Some(digit) = chars.next_if(char::is_ascii_digit) {
            width = width * 10 + digit.to_digit(10)? as usize;
            if width > 1024 {
                return None;
            }
        }
        if chars.next_if_eq(&'[').is_some() {
            let mut number = 0usize;
            while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                number = number.saturating_mul(10).saturating_add(digit.to_digit(10)? as usize);
            }
            chars.next_if_eq(&']')?;
            chosen = Some(number);
        }
        let letter = chars.next().filter(|letter| matches!(letter, 's' | 'd' | 't' | 'q'))?;
        // Zeros fill strings, too, and stand behind a number that is on the left: nobody means that.
        if zero && (left || letter != 'd') || letter == 't' && width > 0 {
            return None;
        }
        parts.push(Part::Verb { left, zero, width, chosen, letter });
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    Some(parts)
}

fn format(call: Call) -> Spelled {
    let format = call.needed_text(0, "the format")?;
    let Some(parts) = parts(format) else {
        return Err(call.refused(0, "this format cannot be filled in while a workflow runs", VERBS));
    };
    let given = call.terms.len() - 1;
    let (mut next, mut most) = (1, 0);
    let mut pieces = Vec::new();
    for part in parts {
        let piece = match part {
            Part::Text(text) => Term::text(&text),
            Part::Verb { left, zero, width, chosen, letter } => {
                let at = chosen.unwrap_or(next);
                let Some(value) = call.terms.get(at).filter(|_| at > 0).cloned() else {
                    let message = format!("the format asks for value {at}, and {given} are given");
                    return Err(call.refused(0, &message, "give a value for every verb"));
                };
                most = most.max(at);
                next = at + 1;
                shown(value, letter, left, zero, width)
            }
        };
        pieces.push(piece);
    }
    if most < given {
        let message = format!("the format asks for {most} values, and {given} are given");
        return Err(call.refused(most + 1, &message, "write a verb for every value"));
    }
    let mut pieces = pieces.into_iter();
    let first = pieces.next().unwrap_or_else(|| Term::text(""));
    Ok(pieces.fold(first, |a, b| Term::binary(a, "&", b, Binding::Sum, Type::String)))
}

fn shown(value: Term, letter: char, left: bool, zero: bool, width: usize) -> Term {
    let columns = if left { width as i64 } else { -(width as i64) };
    let whole = |value: Term| Term::helped(Helper::Integer, vec![value.number()], Type::Number);
    if letter == 'd' && zero && width > 0 {
        let width = Term::whole(width as i64);
        return Term::call("padded", vec![whole(value), width], Type::String).using(Helper::Padded);
    }
    let text = match letter {
        'd' => whole(value).text_of(),
        't' => value.boolean().text_of(),
        'q' => Term::call("quoted", vec![value.text_of()], Type::String).using(Helper::Quoted),
        _ => value.text_of(),
    };
    if width == 0 { text } else { Term::call("pad", vec![text, Term::whole(columns)], Type::String) }
}
