//! The text of nested JSON arrays -> their shape and elements, with the place of what does not fit.
//!
//! This file depends on nothing, so that the compiler can include it by path: what it accepts is what the service reads.
#![allow(dead_code, reason = "the compiler looks at elements, and the runtime at shapes")]

/// Deeper than any tensor of a model.
const DEEPEST: usize = 16;

/// What is wrong, and at which byte of the text.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    pub at: usize,
    pub what: String,
}

/// An element as it is written, and at which byte it begins.
#[derive(Debug, PartialEq, Eq)]
pub struct Element<'a> {
    pub at: usize,
    pub text: &'a str,
}

/// The shape of a value, outermost dimension first; a bare number, truth value or text has none. `text` is one valid JSON value. Arrays side by
/// side must be equally long, and none is empty.
pub fn shape(text: &str) -> Result<Vec<usize>, Problem> {
    walk(text, |_| ())
}

/// As [`shape`], handing every element to `each`, in order.
pub fn walk<'a>(text: &'a str, mut each: impl FnMut(Element<'a>)) -> Result<Vec<usize>, Problem> {
    let bytes = text.as_bytes();
    // How long arrays of each depth are, once one has ended, and how much the open ones hold.
    let mut sizes: Vec<Option<usize>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut leaves: Option<usize> = None;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b' ' | b'\n' | b'\r' | b'\t' | b',' => at += 1,
            b'[' => {
                if open.len() >= DEEPEST || leaves.is_some_and(|depth| open.len() >= depth) {
                    return Err(Problem { at, what: "an array stands here, deeper than the values beside it".into() });
                }
                if let Some(count) = open.last_mut() {
                    *count += 1;
                }
                open.push(0);
                if sizes.len() < open.len() {
                    sizes.push(None);
                }
                at += 1;
            }
            b']' => {
                let Some(count) = open.pop() else { return Err(Problem { at, what: "no array ends here".into() }) };
                if count == 0 {
                    return Err(Problem { at, what: "an array is empty".into() });
                }
                match sizes.get_mut(open.len()) {
                    Some(Some(size)) if *size != count => {
                        return Err(Problem {
                            at,
                            what: format!("this array has {count} values, the ones before {size}"),
                        });
                    }
                    Some(size) => *size = Some(count),
                    None => {}
                }
                at += 1;
            }
            b'{' => return Err(Problem { at, what: "an object stands where a number should".into() }),
            _ => {
                let rest = bytes.get(at..).unwrap_or_default();
                let end = at + if *byte == b'"' { text_length(rest) } else { number_length(rest) };
                let Some(element) = text.get(at..end) else { return Err(Problem { at, what: "no JSON".into() }) };
                if *leaves.get_or_insert(open.len()) != open.len() {
                    return Err(Problem { at, what: "a value stands where an array should".into() });
                }
                if element == "null" {
                    return Err(Problem { at, what: "null stands where a number should".into() });
                }
                if let Some(count) = open.last_mut() {
                    *count += 1;
                }
                each(Element { at, text: element });
                at = end;
            }
        }
    }
    Ok(sizes.into_iter().map(|size| size.unwrap_or(0)).collect())
}

fn number_length(bytes: &[u8]) -> usize {
    let end = bytes.iter().position(|byte| matches!(byte, b',' | b']' | b' ' | b'\n' | b'\r' | b'\t'));
    end.unwrap_or(bytes.len())
}

/// With both quotes.
fn text_length(bytes: &[u8]) -> usize {
    let mut escaped = false;
    let end = bytes.iter().skip(1).position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    end.map_or(bytes.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_those_of_the_arrays() {
        for (text, expected) in
            [("7", &[][..]), ("[1]", &[1]), ("[[1, 2.5],\n [3e-2,4], [5,6]]", &[3, 2]), ("[[[true]]]", &[1, 1, 1])]
        {
            assert_eq!(shape(text).unwrap(), expected, "{text}");
        }
        let mut seen = Vec::new();
        walk("[ [1, -2] ]", |element| seen.push((element.at, element.text))).unwrap();
        assert_eq!(seen, [(3, "1"), (6, "-2")]);
        seen.clear();
        let text = r#"["a, \"]", "\\", ""]"#;
        walk(text, |element| seen.push((element.at, element.text))).unwrap();
        assert_eq!(seen, [(1, r#""a, \"]""#), (11, r#""\\""#), (17, r#""""#)]);
    }

    #[test]
    fn what_does_not_fit_has_a_place() {
        for (text, at, part) in [
            ("[[1,2],[3]]", 9, "has 1 values, the ones before 2"),
            ("[1,[2]]", 3, "deeper"),
            ("[[1],2]", 5, "where an array should"),
            ("[]", 1, "empty"),
            ("[1,{}]", 3, "object"),
            ("[null]", 1, "null"),
            ("{\"a\":1}", 0, "object"),
        ] {
            let problem = shape(text).expect_err(text);
            assert!(problem.at == at && problem.what.contains(part), "{text}: {problem:?}");
        }
        assert!(shape(&"[".repeat(1000)).is_err());
    }
}
