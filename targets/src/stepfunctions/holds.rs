//! A test in JSONata that a value has a type.

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
