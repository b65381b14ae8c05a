//! `format`: values put into a text by verbs such as `%-8.3f`, with the rules of Terraform's function.

use std::iter::Peekable;
use std::str::Chars;

use windlass_schemas::span::Span;
use windlass_schemas::value::{Number, Value, ValueKind};

use super::super::convert::{to_bool, to_number, to_text};
use super::super::operate::{Operand, Outcome};
use super::{Call, Function, characters, counted, function, json};

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "format",
        &["format", "values…"],
        "Values put into a format, in which `%s` stands for a string, `%d` a whole number, `%f` a number, `%t` a bool, \
         `%q` a string in quotes, `%v` any value, `%#v` JSON, and `%[2]s` for the second value.",
        |c| c.string(fill(c, &c.text(0)?, c.args.get(1..).unwrap_or_default())?),
    ),
    function(
        "formatlist",
        &["format", "values…"],
        "A list with one string for every element of the lists among the values, made as by `format`.",
        each,
    ),
];

/// A verb of a format.
#[derive(Default)]
struct Verb {
    left: bool,
    plus: bool,
    space: bool,
    zero: bool,
    sharp: bool,
    width: usize,
    precision: Option<usize>,
    /// Which value, from 1, when the verb says so.
    chosen: Option<usize>,
    letter: char,
}

const VERBS: &str = "use `%s`, `%d`, `%f`, `%e`, `%g`, `%t`, `%q`, `%v`, `%b`, `%o`, `%x` or `%%`";
/// A width or precision.
const MAX_WIDTH: usize = 1024;

fn each(call: &Call) -> Outcome<ValueKind> {
    let format = call.text(0)?;
    let args = call.args.get(1..).unwrap_or_default();
    let mut length: Option<(usize, usize)> = None;
    for (at, arg) in args.iter().enumerate() {
        if let ValueKind::List(items) = &arg.value.kind {
            match length {
                Some((first, wanted)) if wanted != items.len() => {
                    let here = counted(items.len(), "element");
                    let message = format!("this list has {here}, and the argument {first} has {wanted}");
                    return Err(call.error(arg.span, message));
                }
                _ => length = Some((at + 2, items.len())),
            }
        }
    }
    let line = |row: usize| -> Outcome<String> {
        let args: Vec<Operand> = args
            .iter()
            .map(|arg| match &arg.value.kind {
                ValueKind::List(items) => Operand { value: items.get(row).unwrap_or(arg.value), ..*arg },
                _ => *arg,
            })
            .collect();
        fill(call, &format, &args)
    };
    let count = length.map_or(1, |(_, count)| count);
    call.elements(count)?;
    // The format is read once for each.
    call.room(count.saturating_mul(format.len()))?;
    let mut lines: Vec<Value> = Vec::new();
    let mut bytes = 0;
    for row in 0..count {
        let line = line(row)?;
        bytes += line.len();
        call.room(bytes)?;
        lines.push(call.piece(line));
    }
    Ok(ValueKind::List(lines))
}

/// The format with the values in the places of its verbs.
fn fill(call: &Call, format: &str, args: &[Operand]) -> Outcome<String> {
    let place = call.place(0);
    let mut text = String::new();
    let mut chars = format.chars().peekable();
    let (mut next, mut most) = (1, 0);
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        if chars.next_if_eq(&'%').is_some() {
            text.push('%');
            continue;
        }
        let verb = Verb::read(call, &mut chars, place)?;
        let at = verb.chosen.unwrap_or(next);
        let Some(arg) = at.checked_sub(1).and_then(|at| args.get(at)) else {
            let given = counted(args.len(), "value");
            return Err(call.error(place, format!("the format asks for value {at}, found {given}")));
        };
        most = most.max(at);
        next = at + 1;
        text.push_str(&verb.show(call, *arg, place)?);
        call.room(text.len())?;
    }
    match args.get(most) {
        Some(extra) => {
            let asked = counted(most, "value");
            Err(call.error(extra.span, format!("the format asks for {asked}, found {}", args.len())))
        }
        None => Ok(text),
    }
}

impl Verb {
    fn read(call: &Call, chars: &mut Peekable<Chars>, place: Span) -> Outcome<Verb> {
        let mut verb = Verb::default();
        while let Some(flag) = chars.next_if(|c| matches!(c, '-' | '+' | ' ' | '0' | '#')) {
            match flag {
                '-' => verb.left = true,
                '+' => verb.plus = true,
                ' ' => verb.space = true,
                '0' => verb.zero = true,
                _ => verb.sharp = true,
            }
        }
        verb.width = digits(chars).unwrap_or(0);
        if chars.next_if_eq(&'.').is_some() {
            verb.precision = Some(digits(chars).unwrap_or(0));
        }
        if verb.width > MAX_WIDTH || verb.precision.is_some_and(|precision| precision > MAX_WIDTH) {
            return Err(call.error(place, format!("a width or precision is at most {MAX_WIDTH}")));
        }
        if chars.next_if_eq(&'[').is_some() {
            verb.chosen = digits(chars);
            if verb.chosen.is_none() || chars.next_if_eq(&']').is_none() {
                return Err(call.error(place, "the number of a value stands in brackets, as in `%[1]s`"));
            }
        }
        match chars.next() {
            Some(letter) => verb.letter = letter,
            None => {
                return Err(call.error(place, "the format ends in the middle of a verb; `%%` writes a percent sign"));
            }
        }
        Ok(verb)
    }

    fn show(&self, call: &Call, arg: Operand, place: Span) -> Outcome<String> {
        let letter = self.letter;
        let user = format!("`%{letter}`");
        match letter {
            'v' => self.any(call, arg),
            't' => Ok(to_bool(arg, &user)?.to_string()),
            's' | 'q' => {
                let mut text = to_text(arg, &user)?;
                if let Some(most @ 1..) = self.precision {
                    text = characters(&text, call.runs()).into_iter().take(most).collect();
                }
                if letter == 'q' {
                    text = json::encode(call, Operand::new(&call.value(ValueKind::String(text)), arg.span))?;
                }
                Ok(self.pad(call, text))
            }
            'd' | 'b' | 'o' | 'x' | 'X' => self.whole(call, to_number(arg, &user)?, arg.span),
            'e' | 'E' | 'f' | 'g' | 'G' => Ok(self.float(to_number(arg, &user)?)),
            other => Err(Box::new(call.error(place, format!("there is no verb `%{other}`")).help(VERBS))),
        }
    }

    fn any(&self, call: &Call, arg: Operand) -> Outcome<String> {
        let text = match &arg.value.kind {
            ValueKind::String(text) if !self.sharp => text.clone(),
            ValueKind::Number(number) if !self.sharp => Decimal::of(*number).general(None),
            ValueKind::Reference(_) => to_text(arg, "`%v`")?,
            _ => json::encode(call, arg)?,
        };
        Ok(self.pad(call, text))
    }

    fn whole(&self, call: &Call, number: Number, place: Span) -> Outcome<String> {
        // A float that is whole and fits is exact.
        let n = match number {
            Number::Int(n) => i128::from(n),
            Number::Float(x) if x.fract() == 0.0 && x.abs() < 1e38 => x as i128,
            Number::Float(x) => {
                return Err(call.error(place, format!("`%{}` needs a whole number, found {x}", self.letter)));
            }
        };
        let magnitude = n.unsigned_abs();
        let (prefix, mut digits) = match self.letter {
            'b' => ("0b", format!("{magnitude:b}")),
            'o' => ("0", format!("{magnitude:o}")),
            'x' => ("0x", format!("{magnitude:x}")),
            'X' => ("0X", format!("{magnitude:X}")),
            _ => ("", magnitude.to_string()),
        };
        if let Some(least) = self.precision {
            digits.insert_str(0, &"0".repeat(least.saturating_sub(digits.len())));
        }
        let prefix = if self.sharp { prefix } else { "" };
        // With a precision, zeros fill no width.
        Ok(self.signed(n < 0, prefix, digits, !self.left && self.precision.is_none()))
    }

    fn float(&self, number: Number) -> String {
        let decimal = Decimal::of(number);
        let text = match self.letter {
            'f' => format!("{:.*}", self.precision.unwrap_or(6), number.as_f64().abs()),
            'e' | 'E' => exponential(&format!("{:.*e}", self.precision.unwrap_or(6), number.as_f64().abs())),
            _ => Decimal { negative: false, ..decimal.clone() }.general(self.precision),
        };
        let text = if self.letter.is_ascii_uppercase() { text.to_uppercase() } else { text };
        self.signed(decimal.negative, "", text, true)
    }

    /// A number with its sign, made as wide as asked for.
    fn signed(&self, negative: bool, prefix: &str, digits: String, zeros: bool) -> String {
        let sign = match (negative, self.plus, self.space) {
            (true, _, _) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        };
        let missing = self.width.saturating_sub(sign.len() + prefix.len() + digits.len());
        match (self.zero && zeros, self.left) {
            (true, _) => format!("{sign}{prefix}{}{digits}", "0".repeat(missing)),
            (_, true) => format!("{sign}{prefix}{digits}{}", " ".repeat(missing)),
            _ => format!("{}{sign}{prefix}{digits}", " ".repeat(missing)),
        }
    }

    fn pad(&self, call: &Call, text: String) -> String {
        let missing = self.width.saturating_sub(characters(&text, call.runs()).len());
        let fill = if self.zero { "0" } else { " " }.repeat(missing);
        if self.left { text + &fill } else { fill + &text }
    }
}

fn digits(chars: &mut Peekable<Chars>) -> Option<usize> {
    let mut number = None;
    while let Some(digit) = chars.next_if(char::is_ascii_digit) {
        let digit = digit.to_digit(10).unwrap_or(0) as usize;
        number = Some(number.unwrap_or(0usize).saturating_mul(10).saturating_add(digit));
    }
    number
}

/// The fewest decimal digits that tell a number apart, the first before the point, times ten to a power.
#[derive(Clone)]
struct Decimal {
    negative: bool,
    digits: String,
    power: i32,
}

impl Decimal {
    fn of(number: Number) -> Decimal {
        let (text, negative) = match number {
            Number::Int(n) => (format!("{:e}", n.unsigned_abs()), n < 0),
            Number::Float(x) => (format!("{:e}", x.abs()), x < 0.0),
        };
        let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
        Decimal { negative, digits: digits.replace('.', ""), power: power.parse().unwrap_or(0) }
    }

    /// As `%g` has it: an exponent for numbers from a million and below a ten-thousandth.
    fn general(&self, precision: Option<usize>) -> String {
        let mut rounded = self.clone();
        let mut most = 6;
        if let Some(precision) = precision {
            most = precision.max(1);
            if rounded.digits.len() > most {
                let text = format!("{}e{}", point(&rounded.digits), rounded.power);
                let value: f64 = text.parse().unwrap_or(0.0);
                let text = format!("{:.*e}", most - 1, value);
                let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
                rounded.digits = digits.replace('.', "").trim_end_matches('0').to_owned();
                rounded.power = power.parse().unwrap_or(0);
            }
            if most > rounded.digits.len() && rounded.digits.len() as i32 > rounded.power {
                most = rounded.digits.len();
            }
        }
        let sign = if self.negative { "-" } else { "" };
        let Decimal { digits, power, .. } = rounded;
        if power < -4 || power >= most as i32 {
            return format!("{sign}{}", exponential(&format!("{}e{power}", point(&digits))));
        }
        let text = match usize::try_from(power + 1) {
            Ok(whole) if whole >= digits.len() => format!("{digits}{}", "0".repeat(whole - digits.len())),
            Ok(whole @ 1..) => format!("{}.{}", &digits[..whole], &digits[whole..]),
            _ => format!("0.{}{digits}", "0".repeat((-power - 1).unsigned_abs() as usize)),
        };
        sign.to_owned() + &text
    }
}

fn point(digits: &str) -> String {
    match digits.split_at_checked(1) {
        Some((first, rest)) if !rest.is_empty() => format!("{first}.{rest}"),
        _ => digits.to_owned(),
    }
}

/// `1.5e7` as `1.5e+07`.
fn exponential(text: &str) -> String {
    let (digits, power) = text.split_once('e').unwrap_or((text, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    format!("{digits}e{}{:02}", if power < 0 { '-' } else { '+' }, power.abs())
}
