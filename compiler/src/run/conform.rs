//! Whether data has a type.

use serde_json::Value as Json;
use windlass_schemas::types::Type;

/// Whether `json` has the type `ty`. Fields that an object's type does not name are no matter.
pub fn conforms(json: &Json, ty: &Type) -> bool {
    let all = |items: &[Json], element: &Type| items.iter().all(|item| conforms(item, element));
    match (ty, json) {
        (Type::Any, _) => true,
        (Type::Null, json) => json.is_null(),
        (Type::Bool, json) => json.is_boolean(),
        (Type::Number, json) => json.is_number(),
        (Type::String, json) => json.is_string(),
        (Type::Optional(inner), json) => json.is_null() || conforms(json, inner),
        (Type::List(element, length), Json::Array(items)) => {
            length.is_none_or(|length| items.len() as u64 == length) && all(items, element)
        }
        (Type::Set(element), Json::Array(items)) => all(items, element),
        (Type::Tuple(types), Json::Array(items)) => {
            items.len() == types.len() && items.iter().zip(types).all(|(item, ty)| conforms(item, ty))
        }
        (Type::Map(element), Json::Object(fields)) => fields.values().all(|item| conforms(item, element)),
        (Type::Object(types), Json::Object(fields)) => {
            types.iter().all(|(name, ty)| conforms(fields.get(name).unwrap_or(&Json::Null), ty))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn data_has_types() {
        let person = Type::Object(vec![
            ("name".to_owned(), Type::String),
            ("age".to_owned(), Type::Optional(Box::new(Type::Number))),
        ]);
        let people = Type::List(Box::new(person), None);
        assert!(conforms(&json!([{ "name": "a" }, { "name": "b", "age": 3, "more": true }]), &people));
        assert!(!conforms(&json!([{ "name": "a", "age": "3" }]), &people));
        assert!(!conforms(&json!([{ "age": 3 }]), &people));
        assert!(!conforms(&json!({ "name": "a" }), &people));
        let pair = Type::List(Box::new(Type::Number), Some(2));
        assert!(conforms(&json!([1, 2]), &pair) && !conforms(&json!([1]), &pair));
        assert!(conforms(&json!([1, "a"]), &Type::Tuple(vec![Type::Number, Type::String])));
        assert!(!conforms(&json!({ "k": 1 }), &Type::Map(Box::new(Type::String))));
    }
}
