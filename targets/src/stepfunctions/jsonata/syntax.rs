//! How JSONata is written: binding strengths, quoting of strings and names.

/// How strongly an expression holds together, weakest first; from the binding powers of the JSONata parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binding {
    Conditional,
    Or,
    And,
    Comparison,
    Sum,
    Product,
    Sign,
    Atom,
}

/// A string literal.
///
/// JSONata has no `\'`, so a text with an apostrophe is written in double quotes. `$$`, `$states`, `${` and `%}` are broken up: Step
/// Functions refuses the first, gives the second a meaning wherever it finds it, CloudFormation substitutes the third, and the fourth
/// would end the expression.
pub fn string(text: &str) -> String {
    let quote = if text.contains('\'') { '"' } else { '\'' };
    let mut out = String::from(quote);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            '$' if matches!(rest.peek(), Some('$' | '{' | 's')) => out.push_str("\\u0024"),
            '%' if rest.peek() == Some(&'}') => out.push_str("\\u0025"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

/// A field's name after a dot; `None` when JSONata cannot write it there.
pub fn field(name: &str) -> Option<String> {
    const KEYWORDS: [&str; 7] = ["and", "or", "in", "true", "false", "null", "function"];
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain && !KEYWORDS.contains(&name) {
        Some(name.to_owned())
    } else if name.is_empty() || name.contains(['`', '$', '%']) || name.contains(char::is_control) {
        None
    } else {
        Some(format!("`{name}`"))
    }
}
