//! JSON as it is written to a file: indented by two spaces, in the order of the fields, ending in a newline.

use serde::Serialize;
use serde_json::Value;

/// `value` as text. The types that come here have string keys and finite numbers, which always serialize.
pub fn pretty(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// `value` as a tree, to be placed in another.
pub fn tree(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
