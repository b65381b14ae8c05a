//! The spec after evaluation: blocks with values, before anyone asks what they mean.

use crate::span::{Span, Spanned};
use crate::value::Value;

/// One block, with every expression evaluated as far as it can be when compiling.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// `service` in `service "risk" { … }`.
    pub kind: Spanned<String>,
    /// `risk` in `service "risk" { … }`.
    pub labels: Vec<Spanned<String>>,
    /// In the order written; names are unique.
    pub attributes: Vec<Attribute>,
    /// In the order written.
    pub blocks: Vec<Block>,
    /// The header: from the block's type to its last label.
    pub span: Span,
}

/// `name = value`
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The name and its place.
    pub name: Spanned<String>,
    /// The value; its span is the whole expression.
    pub value: Value,
}

impl Block {
    /// The value of the attribute `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.attributes.iter().find(|a| a.name.value == name).map(|a| &a.value)
    }
}
