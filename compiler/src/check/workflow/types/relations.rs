//! What types have to do with each other: which takes which, what two have in common, which values can be equal.

use windlass_schemas::types::Type;
use windlass_schemas::value::{Value, ValueKind};

/// Whether a value of type `given` can stand where `wanted` is needed, as far as is known.
pub fn accepts(wanted: &Type, given: &Type) -> bool {
    match (wanted, given) {
        (Type::Any, _) | (_, Type::Any) => true,
        (Type::Optional(wanted), given) => *given == Type::Null || accepts(wanted, given.unwrapped()),
        (Type::List(wanted, length), Type::List(given, got)) => {
            let empty = *got == Some(0);
            (empty || accepts(wanted, given)) && length.is_none_or(|length| got.is_none_or(|got| got == length))
        }
        (Type::Map(wanted), Type::Map(given)) => accepts(wanted, given),
        (Type::Map(wanted), Type::Object(fields)) => fields.iter().all(|(_, given)| accepts(wanted, given)),
        (Type::Object(wanted), Type::Object(given)) => {
            wanted.iter().all(|(name, ty)| match given.iter().find(|(other, _)| other == name) {
                Some((_, given)) => accepts(ty, given),
                None => matches!(ty, Type::Optional(_)),
            })
        }
        (wanted, given) => wanted == given,
    }
}

/// Whether two values of these types can be equal.
pub fn may_equal(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Any, _) | (_, Type::Any) => true,
        (Type::Optional(_), Type::Null) | (Type::Null, Type::Optional(_)) => true,
        (Type::Optional(a), b) | (b, Type::Optional(a)) => may_equal(a, b.unwrapped()),
        (Type::List(a, a_length), Type::List(b, b_length)) => {
            let lengths = a_length.is_none_or(|a| b_length.is_none_or(|b| a == b));
            // Of lists that may be empty nothing is known.
            let may_be_empty = a_length.unwrap_or(0) == 0 && b_length.unwrap_or(0) == 0;
            lengths && (may_be_empty || may_equal(a, b))
        }
        (Type::Map(_) | Type::Object(_), Type::Map(_) | Type::Object(_)) => true,
        (a, b) => a == b,
    }
}

/// The type of a value that is known.
pub fn type_of_value(value: &Value) -> Type {
    match &value.kind {
        ValueKind::Null => Type::Null,
        ValueKind::Bool(_) => Type::Bool,
        ValueKind::Number(_) => Type::Number,
        ValueKind::String(_) => Type::String,
        ValueKind::List(items) => list_of(items.iter().map(type_of_value).collect()),
        ValueKind::Object(entries) => {
            Type::Object(entries.iter().map(|(key, value)| (key.value.clone(), type_of_value(value))).collect())
        }
        ValueKind::Reference(_) | ValueKind::Type(_) | ValueKind::Deferred(_) | ValueKind::Unknown => Type::Any,
    }
}

/// A list of elements of these types.
pub fn list_of(elements: Vec<Type>) -> Type {
    let length = elements.len() as u64;
    let unified = elements.into_iter().reduce(unify).unwrap_or(Type::Any);
    Type::List(Box::new(unified), Some(length))
}

/// The narrowest type that both have.
pub fn unify(a: Type, b: Type) -> Type {
    match (a, b) {
        (a, b) if a == b => a,
        (Type::Any, _) | (_, Type::Any) => Type::Any,
        (Type::Null, other) | (other, Type::Null) => match other {
            Type::Optional(_) => other,
            other => Type::Optional(Box::new(other)),
        },
        (Type::Optional(inner), other) | (other, Type::Optional(inner)) => {
            let other = match other {
                Type::Optional(inner) => *inner,
                other => other,
            };
            match unify(*inner, other) {
                Type::Any => Type::Any,
                unified => Type::Optional(Box::new(unified)),
            }
        }
        (Type::List(a, a_length), Type::List(b, b_length)) => {
            // An empty list has elements of any type.
            let element = match (a_length, b_length) {
                (Some(0), _) => *b,
                (_, Some(0)) => *a,
                _ => unify(*a, *b),
            };
            Type::List(Box::new(element), a_length.filter(|length| Some(*length) == b_length))
        }
        (Type::Map(a), Type::Map(b)) => Type::Map(Box::new(unify(*a, *b))),
        (Type::Object(a), Type::Object(b)) => {
            let same = a.len() == b.len() && a.iter().all(|(name, _)| b.iter().any(|(other, _)| other == name));
            if !same {
                return Type::Any;
            }
            let field = |(name, ty): (String, Type)| {
                let other = b.iter().find(|(other, _)| *other == name).map_or(Type::Any, |(_, ty)| ty.clone());
                (name, unify(ty, other))
            };
            Type::Object(a.into_iter().map(field).collect())
        }
        _ => Type::Any,
    }
}
