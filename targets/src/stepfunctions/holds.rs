//! A test in JSONata that a value has a type, and what makes it have all of it.

use serde_json::Value as Json;
use windlass_schemas::types::Type;

use super::jsonata::Term;
use super::jsonata::syntax::{self, Binding};

/// A test that is true when the value at `at` is there and of the type. It must not fail on any value.
pub fn holds(ty: &Type, at: &str) -> Term {
    test(ty, at, 0)
}

/// The field `name` of what stands at `of`.
pub fn field(of: &str, name: &str) -> String {
    match syntax::field(name) {
        Some(name) => format!("{of}.{name}"),
        None => format!("$lookup({of}, {})", syntax::string(name)),
    }
}

fn test(ty: &Type, at: &str, depth: usize) -> Term {
    let made = |text: String, binding| Term { binding, ..Term::atom(&text, Type::Bool) };
    let is = |name: &str| made(format!("$type({at}) = '{name}'"), Binding::Comparison);
    match ty {
        Type::Any => made(format!("$exists({at})"), Binding::Atom),
        Type::Null => is("null"),
        Type::Bool => is("boolean"),
        Type::Number => is("number"),
        Type::String => is("string"),
        // What is tested is JSON, and decoding refuses what JSON does not have: this is as close as it comes.
        Type::Set(_) | Type::Tuple(_) => is("array"),
        Type::Optional(inner) => {
            let inner = test(inner, at, depth);
            made(format!("$not($exists({at})) or {at} = null or {}", inner.within(Binding::Or)), Binding::Or)
        }
        Type::List(element, length) => {
            let mut text = is("array").text;
            if let Some(length) = length {
                text.push_str(&format!(" and $count({at}) = {length}"));
            }
            if **element != Type::Any {
                let item = format!("$x{depth}");
                let each = test(element, &item, depth + 1);
                // Not by counting what a filter finds: it gives an only list as that list.
                text.push_str(&format!(" and $not(false in $map({at}, function({item}) {{ {} }}))", each.text));
            }
            made(text, Binding::And)
        }
        Type::Map(element) => {
            let mut text = is("object").text;
            if **element != Type::Any {
                let key = format!("$x{depth}");
                let each = test(element, &format!("$lookup({at}, {key})"), depth + 1);
                text.push_str(&format!(" and $not(false in $map($keys({at}), function({key}) {{ {} }}))", each.text));
            }
            made(text, Binding::And)
        }
        Type::Object(fields) => {
            let mut text = is("object").text;
            for (name, ty) in fields {
                text.push_str(&format!(" and {}", test(ty, &field(at, name), depth).within(Binding::Comparison)));
            }
            made(text, Binding::And)
        }
    }
}

/// The value at `at`, which has the type, with null for each optional field that is missing: an expression finds every declared field. `None`
/// when the type has no such field.
pub fn completed(ty: &Type, at: &str) -> Option<String> {
    complete(ty, at, 0)
}

fn complete(ty: &Type, at: &str, depth: usize) -> Option<String> {
    match ty {
        Type::Optional(inner) => complete(inner, at, depth).map(|inner| format!("{at} = null ? null : {inner}")),
        Type::Object(fields) => {
            let filled = |(name, ty): &(String, Type)| {
                let at = field(at, name);
                let value = complete(ty, &at, depth);
                let value = match ty {
                    Type::Optional(_) => {
                        format!("$exists({at}) ? {} : null", value.map_or(at.clone(), |v| format!("({v})")))
                    }
                    _ => value?,
                };
                Some(format!("{}: {value}", syntax::string(name)))
            };
            let filled: Vec<String> = fields.iter().filter_map(filled).collect();
            (!filled.is_empty()).then(|| format!("$merge([{at}, {{{}}}])", filled.join(", ")))
        }
        Type::List(element, _) => {
            let (all, item) = (format!("$all{depth}"), format!("$x{depth}"));
            let each = complete(element, &item, depth + 1)?;
            // A list in brackets would be spliced, and another pair keeps it one element.
            let each =
                if matches!(element.unwrapped(), Type::List(..)) { format!("[[{each}]]") } else { format!("[{each}]") };
            Some(format!("$reduce({at}, function({all}, {item}) {{ $append({all}, {each}) }}, [])"))
        }
        Type::Map(element) => {
            let key = format!("$x{depth}");
            let each = complete(element, &format!("$lookup({at}, {key})"), depth + 1)?;
            Some(format!("$merge($append([{{}}], $map($keys({at}), function({key}) {{ {{{key}: {each}}} }})))"))
        }
        _ => None,
    }
}

/// The same of a value that is known.
pub fn filled(ty: &Type, value: &Json) -> Json {
    match (ty, value) {
        (Type::Optional(_), Json::Null) => Json::Null,
        (Type::Optional(inner), value) => filled(inner, value),
        (Type::Object(fields), Json::Object(given)) => {
            let mut given = given.clone();
            for (name, ty) in fields {
                if matches!(ty, Type::Optional(_)) || given.contains_key(name) {
                    let value = filled(ty, given.get(name).unwrap_or(&Json::Null));
                    given.insert(name.clone(), value);
                }
            }
            Json::Object(given)
        }
        (Type::List(element, _), Json::Array(items)) => items.iter().map(|item| filled(element, item)).collect(),
        (Type::Map(element), Json::Object(given)) => {
            given.iter().map(|(name, value)| (name.clone(), filled(element, value))).collect()
        }
        _ => value.clone(),
    }
}
