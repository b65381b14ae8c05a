//! What the types of parts say about the type of the whole.

use windlass_schemas::types::Type;

/// The type of a value that is one or the other.
pub fn joined(a: &Type, b: &Type) -> Type {
    match (a, b) {
        _ if a == b => a.clone(),
        (Type::Null, other) | (other, Type::Null) => optional(other),
        (Type::Optional(x), y) | (y, Type::Optional(x)) => optional(&joined(x, y.unwrapped())),
        (Type::List(..) | Type::Tuple(_), Type::List(..) | Type::Tuple(_)) => {
            let length = Some(length(a)).filter(|n| *n == length(b)).flatten();
            Type::List(Box::new(joined(&element(a), &element(b))), length)
        }
        (Type::Map(x), Type::Map(y)) => Type::Map(Box::new(joined(x, y))),
        (Type::Object(x), Type::Object(y)) if x.len() == y.len() => {
            let field = |(name, ty): &(String, Type)| {
                let (_, other) = y.iter().find(|(other, _)| other == name)?;
                Some((name.clone(), joined(ty, other)))
            };
            x.iter().map(field).collect::<Option<_>>().map_or(Type::Any, Type::Object)
        }
        _ => Type::Any,
    }
}

fn optional(ty: &Type) -> Type {
    match ty.unwrapped() {
        Type::Any => Type::Any,
        Type::Null => Type::Null,
        inner => Type::Optional(Box::new(inner.clone())),
    }
}

/// The type of a list of elements with these types.
pub fn of_elements(types: Vec<Type>) -> Type {
    let all = types.iter().cloned().reduce(|a, b| joined(&a, &b)).unwrap_or(Type::Any);
    if all == Type::Any && types.iter().any(|ty| *ty != Type::Any) {
        return Type::Tuple(types);
    }
    Type::List(Box::new(all), Some(types.len() as u64))
}

/// The type of any element or field.
pub fn element(of: &Type) -> Type {
    match of.unwrapped() {
        Type::List(element, _) | Type::Set(element) | Type::Map(element) => (**element).clone(),
        Type::Tuple(elements) => elements.iter().cloned().reduce(|a, b| joined(&a, &b)).unwrap_or(Type::Any),
        Type::Object(fields) => {
            fields.iter().map(|(_, ty)| ty.clone()).reduce(|a, b| joined(&a, &b)).unwrap_or(Type::Any)
        }
        _ => Type::Any,
    }
}

/// How many elements it has, where the type says it.
pub fn length(of: &Type) -> Option<u64> {
    match of {
        Type::List(_, length) => *length,
        Type::Tuple(elements) => Some(elements.len() as u64),
        _ => None,
    }
}

/// Whether nothing in a value of this type can be of another, so that a list of it needs no conversions.
pub fn is_uniform(ty: &Type) -> bool {
    match ty {
        Type::Any => false,
        Type::Null | Type::Bool | Type::Number | Type::String => true,
        Type::List(element, _) | Type::Set(element) | Type::Map(element) | Type::Optional(element) => {
            is_uniform(element)
        }
        Type::Tuple(elements) => elements.iter().all(is_uniform),
        Type::Object(fields) => fields.iter().all(|(_, ty)| is_uniform(ty)),
    }
}
