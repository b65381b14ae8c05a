//! JSON as it is written to a file: indented by two spaces, in the order of the fields, ending in a newline.

use serde::Serialize;
use serde_json::Value;

/// `value` as text. The types that come here have string keys and finite numbers, which always serialize.
pub fn pretty(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// How many bytes [`pretty`] makes of `value`, without making them.
pub fn size(value: &impl Serialize) -> usize {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter("\n".len());
    let _ = serde_json::to_writer_pretty(&mut counter, value);
    counter.0
}

/// `value` as a tree, to be placed in another.
pub fn tree(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_size_is_that_of_the_text() {
        for value in [json!({}), json!({ "a": ["ä\n", 1.5, null, { "b": [] }] })] {
            assert_eq!(size(&value), pretty(&value).len(), "{value}");
        }
    }
}
