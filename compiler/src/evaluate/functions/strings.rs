//! Functions of strings.

use windlass_schemas::value::ValueKind;

use super::super::convert::{to_bool, to_text};
use super::super::operate::{Operand, Outcome};
use super::{Call, Function, json};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "upper",
        params: &["string"],
        doc: "The string in capital letters.",
        run: |c| c.string(c.text(0)?.to_uppercase()),
    },
    Function {
        name: "lower",
        params: &["string"],
        doc: "The string in small letters.",
        run: |c| c.string(c.text(0)?.to_lowercase()),
    },
    Function {
        name: "trimspace",
        params: &["string"],
        doc: "The string without white space at its ends.",
        run: |c| c.string(c.text(0)?.trim().to_owned()),
    },
    Function {
        name: "join",
        params: &["separator", "lists…"],
        doc: "The elements of the lists as one string, with the separator between them.",
        run: join,
    },
    Function {
        name: "split",
        params: &["separator", "string"],
        doc: "The parts of the string between separators, as a list.",
        run: split,
    },
    Function {
        name: "replace",
        params: &["string", "part", "replacement"],
        doc: "The string with every occurrence of the part replaced.",
        run: replace,
    },
    Function {
        name: "format",
        params: &["format", "values…"],
        doc: "Values put into a format: `%s`, `%d`, `%f`, `%t`, `%q`, `%v`, `%%`, with width and precision.",
        run: format,
    },
    Function { name: "tostring", params: &["value"], doc: "The value as a string.", run: to_string },
];

fn to_string(call: &Call) -> Outcome<ValueKind> {
    match call.arg(0)?.value.kind {
        ValueKind::Null => Ok(ValueKind::Null),
        _ => call.text(0).map(ValueKind::String),
    }
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
    let part = |text: &str| call.value(ValueKind::String(text.to_owned()));
    if text.is_empty() {
        return Ok(ValueKind::List(Vec::new()));
    }
    if separator.is_empty() {
        call.elements(text.len())?;
        return Ok(ValueKind::List(text.chars().map(|c| part(c.encode_utf8(&mut [0; 4]))).collect()));
    }
    call.elements(text.matches(separator.as_str()).count() + 1)?;
    Ok(ValueKind::List(text.split(separator.as_str()).map(part).collect()))
}

fn replace(call: &Call) -> Outcome<ValueKind> {
    let (text, part, replacement) = (call.text(0)?, call.text(1)?, call.text(2)?);
    if part.len() > 1 && part.starts_with('/') && part.ends_with('/') {
        return Err(call.error(call.arg(1)?.span, "regular expressions are not supported".to_owned()));
    }
    let count = text.matches(part.as_str()).count();
    call.room(text.len().saturating_add(count.saturating_mul(replacement.len())))?;
    call.string(text.replace(part.as_str(), &replacement))
}

/// A verb of a format: `%-08.3f`.
#[derive(Default)]
struct Verb {
    left: bool,
    plus: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

fn format(call: &Call) -> Outcome<ValueKind> {
    let template = call.text(0)?;
    let place = call.arg(0)?.span;
    let mut text = String::new();
    let mut chars = template.chars().peekable();
    let mut next = 1;
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        let mut verb = Verb::default();
        while let Some(flag) = chars.next_if(|c| matches!(c, '-' | '+' | '0')) {
            match flag {
                '-' => verb.left = true,
                '+' => verb.plus = true,
                _ => verb.zero = true,
            }
        }
        let mut number = || {
            let mut digits = None;
            while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                let digit = digit.to_digit(10).unwrap_or(0) as usize;
                digits = Some(digits.unwrap_or(0usize).saturating_mul(10).saturating_add(digit));
            }
            digits
        };
        verb.width = number().unwrap_or(0);
        if chars.next_if_eq(&'.').is_some() {
            let mut digits = 0usize;
            while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                digits = digits.saturating_mul(10).saturating_add(digit.to_digit(10).unwrap_or(0) as usize);
            }
            verb.precision = Some(digits);
        }
        if verb.width > 1024 || verb.precision.is_some_and(|p| p > 1024) {
            return Err(call.error(place, "a width or precision is at most 1024".to_owned()));
        }
        let kind = chars.next();
        if kind == Some('%') {
            text.push('%');
            continue;
        }
        let Some(arg) = call.args.get(next) else {
            return Err(
                call.error(place, format!("the format asks for {next} values or more, found {}", call.args.len() - 1))
            );
        };
        next += 1;
        text.push_str(&verb.show(call, kind, *arg, place)?);
        call.room(text.len())?;
    }
    if next < call.args.len() {
        let span = call.arg(next)?.span;
        return Err(call.error(span, format!("the format asks for {} values, found {}", next - 1, call.args.len() - 1)));
    }
    call.string(text)
}

impl Verb {
    fn show(
        &self,
        call: &Call,
        kind: Option<char>,
        arg: Operand,
        place: windlass_schemas::span::Span,
    ) -> Outcome<String> {
        use super::super::convert::to_number;
        let cut = |text: String| match self.precision {
            Some(n) => text.chars().take(n).collect(),
            None => text,
        };
        let signed = |text: String| if self.plus && !text.starts_with('-') { format!("+{text}") } else { text };
        let (text, numeric) = match kind {
            Some('s') => (cut(to_text(arg, "`%s`")?), false),
            Some('q') => (
                json::encode(call, Operand::new(&call.value(ValueKind::String(cut(to_text(arg, "`%q`")?))), arg.span))?,
                false,
            ),
            Some('t') => (to_bool(arg, "`%t`")?.to_string(), false),
            Some('d') => {
                let number = to_number(arg, "`%d`")?;
                // Whole, as in Terraform: the fraction is cut off.
                let whole = number.as_f64().trunc();
                let text = match number {
                    windlass_schemas::value::Number::Int(n) => n.to_string(),
                    windlass_schemas::value::Number::Float(_) => format!("{whole:.0}"),
                };
                (signed(text), true)
            }
            Some('f') => {
                let number = to_number(arg, "`%f`")?.as_f64();
                (signed(format!("{number:.*}", self.precision.unwrap_or(6))), true)
            }
            Some('v') => match &arg.value.kind {
                ValueKind::List(_) | ValueKind::Object(_) | ValueKind::Null => (json::encode(call, arg)?, false),
                ValueKind::Number(number) => (signed(number.to_string()), true),
                _ => (to_text(arg, "`%v`")?, false),
            },
            Some(other) => {
                return Err(call.error(place, format!("there is no verb `%{other}`; use %s, %d, %f, %t, %q, %v or %%")));
            }
            None => {
                return Err(
                    call.error(place, "the format ends in the middle of a verb; `%%` writes a percent sign".to_owned())
                );
            }
        };
        let missing = self.width.saturating_sub(text.chars().count());
        Ok(match (self.left, self.zero && numeric) {
            (true, _) => text + &" ".repeat(missing),
            (false, true) => {
                let sign = text.len() - text.trim_start_matches(['-', '+']).len();
                let (sign, digits) = text.split_at(sign);
                format!("{sign}{}{digits}", "0".repeat(missing))
            }
            (false, false) => " ".repeat(missing) + &text,
        })
    }
}
