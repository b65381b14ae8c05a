//! Functions of strings, and patterns.

use windlass_schemas::types::Type;

use super::super::helpers::Helper;
use super::super::patterns::{self, Pattern, Piece};
use super::super::syntax::{self, Binding};
use super::{ANY, Call, Function, Refusal, Spelled, Term, function, list_of};

pub(super) const FUNCTIONS: &[Function] = &[
    function("chomp", 1, 1, |mut c| Ok(without(c.text(0), "/[\\r\\n]+(?![\\s\\S])/"))),
    function("endswith", 2, 2, |mut c| {
        let known = c.known_text(1).map(|end| end.chars().count());
        let (text, end) = (c.text(0), c.text(1));
        Ok(match known {
            Some(0) | None => Term::call("ends", vec![text, end], Type::Bool).using(Helper::Ends),
            Some(n) => Term::equals(Term::call("substring", vec![text, Term::whole(-(n as i64))], Type::String), end),
        })
    }),
    function("indent", 2, 2, indent),
    function("join", 2, ANY, join),
    function("lower", 1, 1, |mut c| Ok(Term::call("lowercase", vec![c.text(0)], Type::String))),
    function("regex", 2, 2, regex),
    function("regexall", 2, 2, regex_all),
    function("replace", 3, 3, replace),
    function("split", 2, 2, |mut c| {
        let known = c.known_text(0).is_some_and(|separator| !separator.is_empty());
        let arguments = vec![c.text(1), c.text(0)];
        Ok(match known {
            true => Term::call("split", arguments, list_of(Type::String)),
            false => Term::call("pieces", arguments, list_of(Type::String)).using(Helper::Pieces),
        })
    }),
    function("startswith", 2, 2, |mut c| {
        let known = c.known_text(1).map(|start| start.chars().count());
        let (text, start) = (c.text(0), c.text(1));
        Ok(match known {
            Some(n) => {
                let first = Term::call("substring", vec![text, Term::whole(0), Term::whole(n as i64)], Type::String);
                Term::equals(first, start)
            }
            None => Term::call("starts", vec![text, start], Type::Bool).using(Helper::Starts),
        })
    }),
    function("strcontains", 2, 2, |mut c| Ok(Term::call("contains", vec![c.text(0), c.text(1)], Type::Bool))),
    function("strrev", 1, 1, |mut c| {
        let letters = Term::call("letters", vec![c.text(0)], list_of(Type::String)).using(Helper::Letters);
        Ok(Term::call("join", vec![Term::call("reverse", vec![letters], list_of(Type::String))], Type::String))
    }),
    function("substr", 3, 3, |mut c| {
        let (text, from) = (c.text(0), c.whole(1));
        Ok(match c.known_whole(2) {
            Some(length) if length < 0 => Term::call("substring", vec![text, from], Type::String),
            Some(_) => Term::call("substring", vec![text, from, c.number(2)], Type::String),
            None => Term::call("cut", vec![text, from, c.whole(2)], Type::String).using(Helper::Cut),
        })
    }),
    function("tostring", 1, 1, |mut c| Ok(unless_null(c.take(0), Term::text_of))),
    function("trim", 2, 2, |mut c| {
        let characters = c.needed_text(1, "the characters")?;
        let text = c.text(0);
        Ok(match characters {
            "" => text,
            characters => {
                let any = patterns::any_of(characters);
                without(text, &format!("/^{any}+|{any}+(?![\\s\\S])/"))
            }
        })
    }),
    function("trimprefix", 2, 2, |mut c| {
        Ok(Term::call("withoutprefix", vec![c.text(0), c.text(1)], Type::String).using(Helper::WithoutPrefix))
    }),
    function("trimspace", 1, 1, |mut c| {
        // Unicode's white space; the pattern `\s` is another set.
        let any = "[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
        Ok(without(c.text(0), &format!("/^{any}+|{any}+(?![\\s\\S])/")))
    }),
    function("trimsuffix", 2, 2, |mut c| {
        Ok(Term::call("withoutsuffix", vec![c.text(0), c.text(1)], Type::String).using(Helper::WithoutSuffix))
    }),
    function("upper", 1, 1, |mut c| Ok(Term::call("uppercase", vec![c.text(0)], Type::String))),
];

/// The text without what matches.
fn without(text: Term, pattern: &str) -> Term {
    Term::call("replace", vec![text, Term::atom(pattern, Type::Any), Term::text("")], Type::String)
}

/// null stays null.
pub(super) fn unless_null(value: Term, convert: fn(Term) -> Term) -> Term {
    match value.ty {
        Type::Null => value,
        Type::Any | Type::Optional(_) => value.once(|value| {
            let test = Term::equals(value.clone(), Term::null());
            Term::conditional(test, Term::null(), convert(value.present()))
        }),
        _ => convert(value),
    }
}

fn indent(mut call: Call) -> Spelled {
    let known = call.known_whole(0).and_then(|n| usize::try_from(n).ok()).filter(|n| *n <= 40);
    let spaces = match known {
        Some(n) => Term::text(&format!("\n{}", " ".repeat(n))),
        None => {
            let spaces = Term::call("pad", vec![Term::text(""), call.natural(0)], Type::String);
            Term::binary(Term::text("\n"), "&", spaces, Binding::Sum, Type::String)
        }
    };
    Ok(Term::call("replace", vec![call.text(1), Term::text("\n"), spaces], Type::String))
}

/// The elements of a list as strings.
pub(super) fn texts(list: Term) -> Term {
    match super::types::element(&list.ty) {
        Type::String => list,
        _ if super::types::length(&list.ty) == Some(0) => list,
        ty => {
            let one = Term::atom("$one", ty).text_of();
            let function = Term::atom(&format!("function($one) {{ {} }}", one.text), Type::Any).and(&one);
            Term::call("map", vec![list, function], Type::Any).collected(Type::String, None)
        }
    }
}

fn join(mut call: Call) -> Spelled {
    let separator = call.text(0);
    let lists = (1..call.terms.len()).map(|at| texts(call.list(at)));
    let all = lists.reduce(|a, b| Term::call("append", vec![a, b], list_of(Type::String)));
    Ok(Term::call("join", vec![all.unwrap_or_else(Term::null), separator], Type::String))
}

/// The pattern of a call.
fn pattern(call: &Call, at: usize, text: &str) -> Result<Pattern, Refusal> {
    patterns::read(text).map_err(|why| {
        let message = format!("the pattern cannot be matched while a workflow runs: {why}");
        call.refused(at, &message, "use letters, classes, groups and repetitions that mean the same everywhere")
    })
}

fn replace(mut call: Call) -> Spelled {
    let Some(part) = call.known_text(1) else {
        let arguments = vec![call.text(0), call.text(1), call.text(2)];
        return Ok(Term::helped(Helper::Changed, arguments, Type::String));
    };
    let Some(regex) = part.strip_prefix('/').and_then(|part| part.strip_suffix('/')) else {
        if part.is_empty() {
            return Err(call.refused(
                1,
                "an empty string has no place in a text that runs",
                "replace a part with a character",
            ));
        }
        return Ok(Term::call("replace", vec![call.text(0), call.text(1), call.text(2)], Type::String));
    };
    let pattern = pattern(&call, 1, regex)?;
    let replacement = call.needed_text(2, "what a pattern is replaced by")?;
    let pieces =
        pattern.replacement(replacement).map_err(|why| call.refused(2, &why, "refer to a group of the pattern"))?;
    if let Some(why) = pattern.unsure_groups().filter(|_| pieces.iter().any(|piece| matches!(piece, Piece::Group(1..))))
    {
        return Err(call.refused(1, why, "let every group take part in each match, or write `(?:…)`"));
    }
    let regex = Term::atom(&pattern.literal(), Type::Any);
    let by = match &pieces[..] {
        [] => Term::text(""),
        [Piece::Text(text)] if !text.contains('$') => Term::text(text),
        pieces => {
            let texts: Vec<String> = pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => syntax::string(text),
                    Piece::Group(0) => "$one.match".to_owned(),
                    Piece::Group(at) => format!("$one.groups[{}]", at - 1),
                })
                .collect();
            Term::atom(&format!("function($one) {{ {} }}", texts.join(" & ")), Type::Any)
        }
    };
    Ok(Term::call("replace", vec![call.text(0), regex, by], Type::String))
}

/// What a match `of` gives: the text, the list of its groups or the object of its named groups.
fn found(pattern: &Pattern, of: &str) -> (String, Type) {
    let group = |at: usize| format!("{of}.groups[{at}]");
    match &pattern.groups[..] {
        [] => (format!("{of}.match"), Type::String),
        groups if groups.iter().all(Option::is_some) => {
            let names: Vec<&str> = groups.iter().flatten().map(String::as_str).collect();
            let entry = |(at, name): (usize, &&str)| format!("{}: {}", syntax::string(name), group(at));
            let texts: Vec<String> = names.iter().enumerate().map(entry).collect();
            let fields = names.iter().map(|name| ((*name).to_owned(), Type::String)).collect();
            (format!("{{{}}}", texts.join(", ")), Type::Object(fields))
        }
        groups => {
            let texts: Vec<String> = (0..groups.len()).map(group).collect();
            let ty = Type::List(Box::new(Type::String), Some(groups.len() as u64));
            (format!("[{}]", texts.join(", ")), ty)
        }
    }
}

fn matches(call: &mut Call, limit: &str) -> Result<(Pattern, Term), Refusal> {
    let text = call.needed_text(0, "the pattern")?;
    let pattern = pattern(call, 0, text)?;
    if let Some(why) = pattern.unsure_groups() {
        return Err(call.refused(0, why, "let every group take part in each match, or write `(?:…)`"));
    }
    let string = call.text(1);
    let text = format!("$match({}, {}{limit})", string.text, pattern.literal());
    Ok((pattern, Term::atom(&text, Type::Any).and(&string)))
}

fn regex(mut call: Call) -> Spelled {
    let (pattern, all) = matches(&mut call, ", 1")?;
    let first = Term::helped(Helper::Match, vec![all], Type::Any);
    if pattern.groups.is_empty() {
        return Ok(Term::atom(&format!("{}.match", first.text), Type::String).and(&first));
    }
    let (text, ty) = found(&pattern, "$one");
    Ok(Term::atom(&format!("($one := {}; {text})", first.text), ty).and(&first))
}

fn regex_all(mut call: Call) -> Spelled {
    let (pattern, all) = matches(&mut call, "")?;
    let (text, ty) = found(&pattern, "$one");
    let function = Term::atom(&format!("function($one) {{ {text} }}"), Type::Any);
    Ok(Term::call("map", vec![all, function], Type::Any).collected(ty, None))
}
