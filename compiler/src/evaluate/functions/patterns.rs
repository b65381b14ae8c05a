//! Regular expressions in RE2's syntax, which Terraform's users know: matching takes time linear in the text.
//!
//! The engine's own syntax differs in a few places; [`translate`] settles them: `\d`, `\w`, `\s` and `\b` are about
//! ASCII, `\Q…\E` quotes, and in brackets `[`, `&` and `~` stand for themselves.

use std::fmt::Write as _;

use regex::{Captures, Regex, RegexBuilder};
use windlass_schemas::value::{Value, ValueKind};

use super::super::operate::Outcome;
use super::{Call, Function, function};

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "regex",
        &["pattern", "string"],
        "The first match of the pattern: the matched text, or a list of its groups, or an object of its named groups.",
        first,
    ),
    function("regexall", &["pattern", "string"], "A list of all matches, each as `regex` gives it.", all),
];

/// Bytes that a compiled pattern may take: at most, also for a long text, and times the bytes of the text.
const MAX_PATTERN: usize = 1 << 20;
const MIN_PATTERN: usize = 1 << 14;
const MAX_WORK: usize = 1 << 32;

fn compile(call: &Call, at: usize, pattern: &str, text: &str) -> Outcome<Regex> {
    // Matching takes the time of the pattern times the text.
    let size = (MAX_WORK / text.len().max(1)).clamp(MIN_PATTERN, MAX_PATTERN);
    RegexBuilder::new(&translate(pattern)).size_limit(size).octal(true).build().map_err(|error| {
        if let regex::Error::CompiledTooBig(_) = error {
            return call.wrong(at, "the regular expression is too large for the string");
        }
        // The first lines of a syntax error draw the pattern.
        let text = error.to_string();
        let why = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
        let mut finding = call.wrong(at, format!("this is no regular expression: {why}"));
        if why.contains("escape") {
            finding.help = Some("in a quoted string a backslash is written twice: `\"\\\\d+\"`".to_owned());
        } else if why.contains("look-around") || why.contains("backreference") {
            finding.help = Some("the syntax is RE2's, where matching never takes long".to_owned());
        }
        finding
    })
}

fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    let mut inside = false;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        match c {
            '\\' => {
                let Some(escaped) = after.chars().next() else {
                    out.push('\\');
                    break;
                };
                let behind = &after[escaped.len_utf8()..];
                if escaped == 'Q' && !inside {
                    let (quoted, behind) = behind.split_once("\\E").unwrap_or((behind, ""));
                    out.push_str(&regex::escape(quoted));
                    rest = behind;
                    continue;
                }
                // Writing to a string does not fail.
                _ = match escaped {
                    'd' => write!(out, "[0-9]"),
                    'w' => write!(out, "[0-9A-Za-z_]"),
                    's' => write!(out, "[\\t\\n\\f\\r ]"),
                    'D' => write!(out, "[^0-9]"),
                    'W' => write!(out, "[^0-9A-Za-z_]"),
                    'S' => write!(out, "[^\\t\\n\\f\\r ]"),
                    'b' if !inside => write!(out, "(?-u:\\b)"),
                    '<' | '>' => write!(out, "{escaped}"),
                    _ => write!(out, "\\{escaped}"),
                };
                // What a class or a code point is called stands in braces.
                let named = matches!(escaped, 'p' | 'P' | 'x').then(|| behind.split_once('}')).flatten();
                rest = match named {
                    Some((name, after)) if name.starts_with('{') => {
                        _ = write!(out, "{name}}}");
                        after
                    }
                    _ => behind,
                };
                continue;
            }
            '[' if !inside => {
                inside = true;
                out.push('[');
                // A bracket that comes first stands for itself.
                let negated = after.strip_prefix('^');
                if negated.is_some() {
                    out.push('^');
                }
                let body = negated.unwrap_or(after);
                rest = match body.strip_prefix(']') {
                    Some(body) => {
                        out.push_str("\\]");
                        body
                    }
                    None => body,
                };
                continue;
            }
            '[' if after.starts_with(':') => match after.split_once(":]") {
                Some((name, behind)) => {
                    _ = write!(out, "[{name}:]");
                    rest = behind;
                    continue;
                }
                None => out.push_str("\\["),
            },
            '[' | '&' | '~' if inside => _ = write!(out, "\\{c}"),
            '-' if inside && after.starts_with('-') => {
                out.push_str("-\\-");
                rest = &after[1..];
                continue;
            }
            ']' if inside => {
                inside = false;
                out.push(']');
            }
            '{' if !inside && !repeats(after) => out.push_str("\\{"),
            _ => out.push(c),
        }
        rest = after;
    }
    out
}

/// Whether what follows a brace makes a repetition: `{2}`, `{2,}`, `{2,3}`.
fn repeats(after: &str) -> bool {
    let Some((inside, _)) = after.split_once('}') else { return false };
    let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
    !least.is_empty() && [least, most].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()))
}

/// What a match gives.
fn found(call: &Call, pattern: &Regex, captures: &Captures) -> Value {
    let text = |at: usize| match captures.get(at) {
        Some(group) => call.piece(group.as_str()),
        None => call.value(ValueKind::Null),
    };
    let names: Vec<_> = pattern.capture_names().enumerate().skip(1).collect();
    if names.is_empty() {
        return text(0);
    }
    if names.iter().any(|(_, name)| name.is_some()) {
        let entries = names.iter().filter_map(|(at, name)| Some((call.key((*name)?), text(*at))));
        return call.value(ValueKind::Object(entries.collect()));
    }
    call.value(ValueKind::List(names.iter().map(|(at, _)| text(*at)).collect()))
}

/// Named and nameless groups can't be in one result.
fn pattern(call: &Call, text: &str) -> Outcome<Regex> {
    let pattern = compile(call, 0, &call.text(0)?, text)?;
    let named = pattern.capture_names().skip(1).filter(Option::is_some).count();
    if named > 0 && named + 1 < pattern.captures_len() {
        return Err(call.wrong(0, "either all groups have names or none has; `(?:…)` groups without capturing"));
    }
    Ok(pattern)
}

fn first(call: &Call) -> Outcome<ValueKind> {
    let text = call.text(1)?;
    let pattern = pattern(call, &text)?;
    match pattern.captures(&text) {
        Some(captures) => Ok(found(call, &pattern, &captures).kind),
        None => Err(Box::new(
            call.wrong(1, "the pattern matches nothing in the string")
                .help("write `try(regex(…), default)` for a default, or `regexall`, which gives a list"),
        )),
    }
}

fn all(call: &Call) -> Outcome<ValueKind> {
    let text = call.text(1)?;
    let pattern = pattern(call, &text)?;
    let mut matches = Vec::new();
    for captures in pattern.captures_iter(&text) {
        matches.push(found(call, &pattern, &captures));
        call.elements(matches.len().saturating_mul(pattern.captures_len()))?;
    }
    Ok(ValueKind::List(matches))
}

/// `replace` with a pattern; `$1` and `${name}` in the replacement stand for groups.
pub(super) fn replace(call: &Call, text: &str, pattern: &str, replacement: &str) -> Outcome<ValueKind> {
    let pattern = compile(call, 1, pattern, text)?;
    let mut out = String::new();
    let mut end = 0;
    for captures in pattern.captures_iter(text) {
        let Some(whole) = captures.get(0) else { continue };
        out.push_str(text.get(end..whole.start()).unwrap_or_default());
        captures.expand(replacement, &mut out);
        end = whole.end();
        call.room(out.len())?;
    }
    out.push_str(text.get(end..).unwrap_or_default());
    call.string(out)
}
