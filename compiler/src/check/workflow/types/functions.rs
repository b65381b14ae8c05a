//! What functions take and give while a workflow runs. How many arguments they take was looked at before; which of them a
//! target can compute, it says itself.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::expr::Expr;
use windlass_schemas::span::Spanned;
use windlass_schemas::types::Type;

use super::messages::{article, conversion, guard};
use super::relations::unify;

/// What an argument must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// Anything, null included.
    Any,
    /// Anything but null.
    Value,
    /// A string, or what becomes one.
    Text,
    /// What becomes a number or a bool: a string, a number, a bool.
    Scalar,
    Number,
    Bool,
    List,
    /// A list of strings, or of what becomes one.
    Texts,
    Numbers,
    Bools,
    /// An object or a map.
    Object,
    /// A string, a list, an object or a map.
    Sized,
}

struct Signature {
    name: &'static str,
    /// The last one is that of all further arguments.
    takes: &'static [Takes],
    gives: fn(&[Type]) -> Type,
}

const fn gives(name: &'static str, takes: &'static [Takes], gives: fn(&[Type]) -> Type) -> Signature {
    Signature { name, takes, gives }
}

use Takes::{Any, Bool, Bools, List, Number, Numbers, Object, Scalar, Sized, Text, Texts, Value};

/// Sorted by name.
static SIGNATURES: &[Signature] = &[
    gives("abs", &[Number], number),
    gives("alltrue", &[Bools], truth),
    gives("anytrue", &[Bools], truth),
    gives("base64decode", &[Text], text),
    gives("base64encode", &[Text], text),
    gives("base64sha256", &[Text], text),
    gives("base64sha512", &[Text], text),
    gives("ceil", &[Number], number),
    gives("chomp", &[Text], text),
    gives("chunklist", &[List, Number], |of| list(first(of))),
    gives("coalesce", &[Any], first_with_value),
    gives("coalescelist", &[Any], first_with_value),
    gives("compact", &[Texts], |_| list(Type::String)),
    gives("concat", &[List], concatenated),
    gives("contains", &[List, Any], truth),
    gives("distinct", &[List], |of| list(element(of))),
    gives("element", &[List, Number], element),
    gives("endswith", &[Text, Text], truth),
    gives("flatten", &[List], flattened),
    gives("floor", &[Number], number),
    gives("format", &[Text, Any], text),
    gives("formatdate", &[Text, Text], text),
    gives("formatlist", &[Text, Any], |_| list(Type::String)),
    gives("indent", &[Number, Text], text),
    gives("index", &[List, Any], number),
    gives("join", &[Text, Texts], text),
    gives("jsondecode", &[Text], |_| Type::Any),
    gives("jsonencode", &[Any], text),
    gives("keys", &[Object], |_| list(Type::String)),
    gives("length", &[Sized], number),
    gives("log", &[Number], number),
    gives("lookup", &[Object, Text, Any], looked_up),
    gives("lower", &[Text], text),
    gives("max", &[Number], number),
    gives("md5", &[Text], text),
    gives("merge", &[Object], merged),
    gives("min", &[Number], number),
    gives("one", &[List], |of| Type::Optional(Box::new(element(of)))),
    gives("parseint", &[Text, Number], number),
    gives("pow", &[Number], number),
    gives("range", &[Number], |_| list(Type::Number)),
    gives("regexall", &[Text, Text], |_| list(Type::Any)),
    gives("replace", &[Text], text),
    gives("reverse", &[List], first),
    gives("sha1", &[Text], text),
    gives("sha256", &[Text], text),
    gives("sha512", &[Text], text),
    gives("signum", &[Number], number),
    gives("slice", &[List, Number], |of| list(element(of))),
    gives("sort", &[Texts], |_| list(Type::String)),
    gives("split", &[Text], |_| list(Type::String)),
    gives("startswith", &[Text, Text], truth),
    gives("strcontains", &[Text, Text], truth),
    gives("strrev", &[Text], text),
    gives("substr", &[Text, Number], text),
    gives("sum", &[Numbers], number),
    gives("title", &[Text], text),
    gives("tobool", &[Scalar], truth),
    gives("tolist", &[Value], first),
    gives("tomap", &[Object], first),
    gives("tonumber", &[Scalar], number),
    gives("tostring", &[Scalar], text),
    gives("trim", &[Text], text),
    gives("trimprefix", &[Text], text),
    gives("trimspace", &[Text], text),
    gives("trimsuffix", &[Text], text),
    gives("upper", &[Text], text),
    gives("urlencode", &[Text], text),
    gives("values", &[Object], |of| list(element(of))),
    gives("zipmap", &[Texts, List], |of| Type::Map(Box::new(of.get(1).map_or(Type::Any, elements)))),
];

/// The type of a call; arguments of wrong types are reported.
pub fn call(name: &Spanned<String>, arguments: &[Expr], types: Vec<Type>, diags: &mut Diagnostics) -> Type {
    let Ok(at) = SIGNATURES.binary_search_by(|signature| signature.name.cmp(&name.value)) else { return Type::Any };
    let signature = &SIGNATURES[at];
    let last = signature.takes.len().saturating_sub(1);
    for (at, (argument, ty)) in arguments.iter().zip(&types).enumerate() {
        let takes = signature.takes.get(at.min(last)).copied().unwrap_or(Any);
        if takes.accept(ty) {
            continue;
        }
        let what = takes.noun();
        let diagnostic = match ty {
            Type::Optional(inner) if takes.accept(inner) => {
                let message = format!("`{}` takes {what}, and this may be null", name.value);
                Diagnostic::at(&codes::INVALID_OPERAND, argument.span, message).help(guard(argument))
            }
            _ => {
                let message = format!("`{}` takes {what}, and this is {}", name.value, article(ty));
                Diagnostic::at(&codes::INVALID_OPERAND, argument.span, message).maybe_help(takes.cure(ty))
            }
        };
        diags.push(diagnostic);
        // One mistake, one finding: what a call gives is not judged by a wrong argument.
        if !matches!((signature.gives)(&[]), Type::String | Type::Number | Type::Bool) {
            return Type::Any;
        }
    }
    (signature.gives)(&types)
}

impl Takes {
    fn accept(self, ty: &Type) -> bool {
        let each = |inner: Takes| match ty {
            Type::List(element, length) => *length == Some(0) || inner.accept(element),
            other => *other == Type::Any,
        };
        match (self, ty) {
            (Any, _) | (_, Type::Any) => true,
            (_, Type::Optional(_) | Type::Null) => false,
            (Value, _) => true,
            (Text | Scalar, Type::String | Type::Number | Type::Bool) => true,
            (Number, Type::Number) | (Bool, Type::Bool) | (List, Type::List(..)) => true,
            (Object, Type::Object(_) | Type::Map(_)) => true,
            (Sized, Type::String | Type::List(..) | Type::Object(_) | Type::Map(_)) => true,
            (Texts, _) => each(Text),
            (Numbers, _) => each(Number),
            (Bools, _) => each(Bool),
            _ => false,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Any | Value => "a value",
            Text => "a string",
            Scalar => "a string, a number or a bool",
            Number => "a number",
            Bool => "a bool",
            List => "a list",
            Texts => "a list of strings",
            Numbers => "a list of numbers",
            Bools => "a list of bools",
            Object => "an object",
            Sized => "a string, a list or an object",
        }
    }

    fn cure(self, given: &Type) -> Option<String> {
        match self {
            Text => conversion(&Type::String, given),
            Number => conversion(&Type::Number, given),
            List | Texts if matches!(given, Type::String | Type::Number) => {
                Some("put it in brackets: `[…]`".to_owned())
            }
            _ => None,
        }
    }
}

fn text(_: &[Type]) -> Type {
    Type::String
}

fn number(_: &[Type]) -> Type {
    Type::Number
}

fn truth(_: &[Type]) -> Type {
    Type::Bool
}

fn list(element: Type) -> Type {
    Type::List(Box::new(element), None)
}

fn first(of: &[Type]) -> Type {
    of.first().cloned().unwrap_or(Type::Any)
}

/// The elements of a list, or the values of an object.
fn elements(of: &Type) -> Type {
    match of {
        Type::List(element, _) | Type::Map(element) => (**element).clone(),
        Type::Object(fields) => fields.iter().map(|(_, ty)| ty.clone()).reduce(unify).unwrap_or(Type::Any),
        _ => Type::Any,
    }
}

fn element(of: &[Type]) -> Type {
    of.first().map_or(Type::Any, elements)
}

/// The arguments up to one that can't be null; null only when all can.
fn first_with_value(of: &[Type]) -> Type {
    let certain = of.iter().position(|ty| !matches!(ty, Type::Optional(_) | Type::Null | Type::Any));
    let looked_at = certain.map_or(of, |at| &of[..=at]);
    let some = looked_at.iter().filter(|ty| **ty != Type::Null).map(|ty| ty.unwrapped().clone());
    let unified = some.reduce(unify).unwrap_or(Type::Any);
    match (certain, unified) {
        (_, Type::Any) => Type::Any,
        (Some(_), ty) => ty,
        // When all are null, it fails.
        (None, ty) => ty,
    }
}

fn concatenated(of: &[Type]) -> Type {
    let length = of.iter().map(|ty| if let Type::List(_, length) = ty { *length } else { None }).sum::<Option<u64>>();
    let lists = of.iter().filter(|ty| !matches!(ty, Type::List(_, Some(0))));
    Type::List(Box::new(lists.map(elements).reduce(unify).unwrap_or(Type::Any)), length)
}

fn flattened(of: &[Type]) -> Type {
    fn innermost(ty: &Type) -> Type {
        match ty {
            Type::List(element, _) => innermost(element),
            other => other.clone(),
        }
    }
    list(of.first().map_or(Type::Any, innermost))
}

fn looked_up(of: &[Type]) -> Type {
    let value = element(of);
    match of.get(2) {
        Some(default) => unify(value, default.clone()),
        None => value,
    }
}

/// Later ones replace fields of earlier ones.
fn merged(of: &[Type]) -> Type {
    let mut fields: Vec<(String, Type)> = Vec::new();
    for ty in of {
        match ty {
            Type::Object(more) => {
                for (name, ty) in more {
                    fields.retain(|(known, _)| known != name);
                    fields.push((name.clone(), ty.clone()));
                }
            }
            Type::Map(_) if of.iter().all(|ty| matches!(ty, Type::Map(_))) => {
                return Type::Map(Box::new(of.iter().map(elements).reduce(unify).unwrap_or(Type::Any)));
            }
            _ => return Type::Any,
        }
    }
    Type::Object(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::functions;

    #[test]
    fn signatures_are_sorted_and_of_functions_that_exist() {
        assert!(SIGNATURES.is_sorted_by(|a, b| a.name < b.name));
        for signature in SIGNATURES {
            assert!(functions::all().any(|function| function.name == signature.name), "no `{}`", signature.name);
        }
    }
}
