//! The types of values that exist only when a workflow runs.

use std::fmt;

use serde::Serialize;

use crate::tensor::{DataType, Dim, Tensor};

/// A type, as far as it is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Type {
    /// Not known when compiling.
    Any,
    /// `null` only.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// Elements of one type; how many, when that is known.
    List(Box<Type>, Option<u64>),
    /// Elements of one type without an order, none of them twice.
    Set(Box<Type>),
    /// Exactly these elements.
    Tuple(Vec<Type>),
    /// Elements of any number under names that are not known.
    Map(Box<Type>),
    /// Exactly these fields.
    Object(Vec<(String, Type)>),
    /// It may be missing (`null`): the output of a stage that may be skipped.
    Optional(Box<Type>),
}

impl Type {
    /// A tensor as a value: lists nested as deep as it has dimensions, each of the length that `length` knows.
    pub fn of_tensor(tensor: &Tensor, length: impl Fn(&Dim) -> Option<u64>) -> Type {
        let list = |inner, dim| Type::List(Box::new(inner), length(dim));
        tensor.shape.iter().rev().fold(Type::of_element(tensor.datatype), list)
    }

    /// An element of a tensor as a value.
    pub fn of_element(datatype: DataType) -> Type {
        match datatype {
            DataType::Bool => Type::Bool,
            DataType::Bytes => Type::String,
            _ => Type::Number,
        }
    }

    /// The type without [`Type::Optional`] around it.
    pub fn unwrapped(&self) -> &Type {
        match self {
            Type::Optional(inner) => inner.unwrapped(),
            other => other,
        }
    }
}

/// As the language writes it: `list(number)`, `object({ id = string })`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Any => f.write_str("any"),
            Type::Null => f.write_str("null"),
            Type::Bool => f.write_str("bool"),
            Type::Number => f.write_str("number"),
            Type::String => f.write_str("string"),
            Type::List(element, _) => write!(f, "list({element})"),
            Type::Set(element) => write!(f, "set({element})"),
            Type::Tuple(elements) => {
                f.write_str("tuple([")?;
                for (i, element) in elements.iter().enumerate() {
                    write!(f, "{}{element}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("])")
            }
            Type::Map(element) => write!(f, "map({element})"),
            Type::Optional(inner) => write!(f, "optional({inner})"),
            Type::Object(fields) => {
                f.write_str("object({")?;
                for (i, (name, ty)) in fields.iter().enumerate() {
                    write!(f, "{} {name} = {ty}", if i == 0 { "" } else { "," })?;
                }
                f.write_str(" })")
            }
        }
    }
}
