//! Rows of numbers with names for the columns: the text of a CSV file or the bytes of an NPY file in, a [`Table`] or the first mistake out.
//!
//! This file depends on nothing, so that the compiler can include it by path: what it accepts is what the server scores.
#![allow(dead_code, reason = "the compiler looks, and the server computes")]

/// Columns by name, and numbers row by row.
#[derive(Debug, Default, PartialEq)]
pub struct Table {
    pub columns: Vec<String>,
    pub numbers: Vec<f64>,
}

impl Table {
    pub fn rows(&self) -> usize {
        self.numbers.len().checked_div(self.columns.len()).unwrap_or(0)
    }

    /// Row by row, the numbers of these columns.
    pub fn select(&self, columns: &[usize]) -> Vec<f64> {
        let width = self.columns.len().max(1);
        let rows = self.numbers.chunks_exact(width);
        rows.flat_map(|row| columns.iter().filter_map(|column| row.get(*column).copied())).collect()
    }
}

/// What is wrong with a file, and which of its bytes, if it is text.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    pub what: String,
    pub at: Option<std::ops::Range<usize>>,
}

fn problem<T>(what: impl Into<String>, at: std::ops::Range<usize>) -> Result<T, Problem> {
    Err(Problem { what: what.into(), at: Some(at) })
}

/// Reads CSV (RFC 4180) whose first line is a header. Every cell below it is a finite number.
pub fn csv(text: &str) -> Result<Table, Problem> {
    let mut table = Table::default();
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut line = 1;
    let mut header = None;
    while at < text.len() {
        let (cells, next, lines) = record(text, at)?;
        let blank = matches!(cells.as_slice(), [(cell, range)] if cell.trim().is_empty() && range.len() == cell.len());
        match &header {
            _ if blank => {}
            None => {
                for (cell, range) in &cells {
                    let name = cell.trim().to_owned();
                    if name.is_empty() {
                        return problem("a column has no name", range.clone());
                    }
                    if table.columns.contains(&name) {
                        return problem(format!("two columns have the name `{name}`"), range.clone());
                    }
                    table.columns.push(name);
                }
                header = Some(table.columns.len());
            }
            Some(width) => {
                if cells.len() != *width {
                    let what = format!("line {line} has {} cells, the header {width}", cells.len());
                    return problem(what, at..cells.last().map_or(next, |(_, range)| range.end));
                }
                for ((cell, range), name) in cells.iter().zip(&table.columns) {
                    match cell.trim().parse::<f64>() {
                        Ok(number) if number.is_finite() => table.numbers.push(number),
                        Ok(number) => {
                            let what =
                                format!("line {line}, column `{name}` is {number}, which nothing can be held against");
                            return problem(what, range.clone());
                        }
                        Err(_) if cell.trim().is_empty() => {
                            return problem(format!("line {line}, column `{name}` is empty"), range.clone());
                        }
                        Err(_) => {
                            let short: String = cell.trim().chars().take(40).collect();
                            let what = format!("line {line}, column `{name}` is `{short}`, which is no number");
                            return problem(what, range.clone());
                        }
                    }
                }
            }
        }
        line += lines;
        at = next;
    }
    if table.numbers.is_empty() {
        return Err(Problem { what: "it has no rows".to_owned(), at: None });
    }
    Ok(table)
}

type Cell = (String, std::ops::Range<usize>);

/// The cells of the record at `at`, where the next one begins, and how many lines this one takes.
fn record(text: &str, mut at: usize) -> Result<(Vec<Cell>, usize, usize), Problem> {
    let bytes = text.as_bytes();
    let (mut cells, mut lines) = (Vec::new(), 1);
    loop {
        let start = at;
        let mut cell = String::new();
        if bytes.get(at) == Some(&b'"') {
            at += 1;
            loop {
                let rest = text.get(at..).unwrap_or_default();
                let Some(quote) = rest.find('"') else { return problem("a quote is not closed", start..start + 1) };
                let inside = rest.get(..quote).unwrap_or_default();
                cell.push_str(inside);
                lines += inside.matches('\n').count();
                at += quote + 1;
                if bytes.get(at) != Some(&b'"') {
                    break;
                }
                cell.push('"');
                at += 1;
            }
            if !matches!(bytes.get(at), None | Some(b',' | b'\n' | b'\r')) {
                return problem("there is text behind a closing quote", start..at);
            }
        } else {
            let rest = bytes.get(at..).unwrap_or_default();
            let length = rest.iter().position(|byte| matches!(byte, b',' | b'\n')).unwrap_or(rest.len());
            let whole = text.get(at..at + length).unwrap_or_default();
            cell.push_str(whole.strip_suffix('\r').unwrap_or(whole));
            at += cell.len();
        }
        cells.push((cell, start..at));
        match bytes.get(at) {
            Some(b',') => at += 1,
            Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => return Ok((cells, at + 2, lines)),
            None => return Ok((cells, at, lines)),
            // A lone carriage return ended a line once.
            Some(_) => return Ok((cells, at + 1, lines)),
        }
    }
}

/// Reads an NPY file (format versions 1 to 3) of numbers in one dimension or two. Columns are called by their number.
pub fn npy(bytes: &[u8]) -> Result<Table, Problem> {
    let fail = |what: String| Problem { what, at: None };
    let cut = || fail("the file ends in the middle: it is truncated".to_owned());
    let version = match bytes.get(..8) {
        Some([0x93, b'N', b'U', b'M', b'P', b'Y', version @ 1..=3, _]) => *version,
        _ => return Err(fail("it is not an NPY file".to_owned())),
    };
    let number = |range: std::ops::Range<usize>| {
        bytes.get(range).map(|bytes| bytes.iter().rev().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte)))
    };
    let (length, start) = if version == 1 { (number(8..10), 10_usize) } else { (number(8..12), 12) };
    let end = length.and_then(|length| start.checked_add(length)).ok_or_else(cut)?;
    let header = bytes.get(start..end).ok_or_else(cut)?;
    let header = std::str::from_utf8(header).map_err(|_| fail("its header is not text".to_owned()))?;
    let field = |name: &str| header.split_once(&format!("'{name}':")).map(|(_, after)| after.trim_start());
    let descr = field("descr").and_then(|after| after.strip_prefix('\'')?.split('\'').next()).unwrap_or_default();
    let fortran = field("fortran_order").is_some_and(|after| after.starts_with("True"));
    let shape = field("shape").and_then(|after| after.strip_prefix('(')?.split(')').next()).unwrap_or_default();
    let shape: Option<Vec<usize>> =
        shape.split(',').map(str::trim).filter(|dim| !dim.is_empty()).map(|dim| dim.parse().ok()).collect();
    let (rows, columns) = match shape.as_deref() {
        Some([rows]) => (*rows, 1),
        Some([rows, columns]) => (*rows, *columns),
        _ => return Err(fail("it holds no table: its shape must have one dimension or two".to_owned())),
    };
    let data = bytes.get(end..).unwrap_or_default();
    macro_rules! read {
        ($type:ty, $from:ident) => {{
            const SIZE: usize = size_of::<$type>();
            let needed = rows.checked_mul(columns).and_then(|count| count.checked_mul(SIZE));
            if needed.is_none_or(|needed| needed > data.len()) {
                return Err(cut());
            }
            let chunks = data.chunks_exact(SIZE).take(rows * columns);
            chunks.map(|chunk| <$type>::$from(chunk.try_into().unwrap_or_default()) as f64).collect::<Vec<f64>>()
        }};
    }
    let numbers: Vec<f64> = match descr {
        "<f4" => read!(f32, from_le_bytes),
        "<f8" => read!(f64, from_le_bytes),
        "<i2" => read!(i16, from_le_bytes),
        "<i4" => read!(i32, from_le_bytes),
        "<i8" => read!(i64, from_le_bytes),
        "<u2" => read!(u16, from_le_bytes),
        "<u4" => read!(u32, from_le_bytes),
        "<u8" => read!(u64, from_le_bytes),
        "|i1" => read!(i8, from_le_bytes),
        "|u1" | "|b1" => read!(u8, from_le_bytes),
        other => return Err(fail(format!("its elements are `{other}`; save numbers, little-endian"))),
    };
    if let Some(at) = numbers.iter().position(|number| !number.is_finite()) {
        return Err(fail(format!("element {at} is {}, which nothing can be held against", numbers[at])));
    }
    if numbers.is_empty() {
        return Err(fail("it has no rows".to_owned()));
    }
    let by_row = |at: usize| numbers.get(if fortran { at % columns * rows + at / columns } else { at }).copied();
    let numbers = (0..numbers.len()).filter_map(by_row).collect();
    Ok(Table { columns: (0..columns).map(|column| column.to_string()).collect(), numbers })
}

/// What a model takes, as far as rows are concerned: a name and dimensions, of which -1 may have any size.
pub struct Input<'a> {
    pub name: &'a str,
    pub shape: &'a [i64],
}

/// Which columns go into which input. A single input takes all but the label, in order; several take the column of their name.
pub fn assign(columns: &[String], label: Option<&str>, inputs: &[Input]) -> Result<Vec<Vec<usize>>, String> {
    let features: Vec<usize> = (0..columns.len()).filter(|at| columns.get(*at).map(String::as_str) != label).collect();
    let takes = |input: &Input| match input.shape {
        [_] => Some(Some(1)),
        [_, -1] => Some(None),
        [_, width] => Some(usize::try_from(*width).ok()),
        _ => None,
    };
    let shown = |input: &Input| format!("input `{}` of shape {:?}", input.name, input.shape);
    let unfit = |input: &Input| {
        format!("{} takes no rows of numbers; the first of at most two dimensions is the rows", shown(input))
    };
    match inputs {
        [only] => match takes(only).ok_or_else(|| unfit(only))? {
            Some(width) if width != features.len() => {
                let besides = if label.is_some() { " besides the label" } else { "" };
                Err(format!("{} takes {width} columns, and there are {}{besides}", shown(only), features.len()))
            }
            _ => Ok(vec![features]),
        },
        several => several
            .iter()
            .map(|input| {
                if takes(input).ok_or_else(|| unfit(input))?.is_some_and(|width| width != 1) {
                    return Err(format!(
                        "{} takes several columns, which only the input of a model with one can",
                        shown(input)
                    ));
                }
                match features.iter().find(|at| columns.get(**at).is_some_and(|column| column == input.name)) {
                    Some(at) => Ok(vec![*at]),
                    None => Err(format!("there is no column `{}` for the input of this name", input.name)),
                }
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_is_read() {
        let table = csv("\u{feff}a,\"b \"\"c\"\"\"\r\n1,2\r\n\r\n-3e-1, 4.5 \n").unwrap();
        assert_eq!(table.columns, ["a", "b \"c\""]);
        assert_eq!((table.rows(), table.numbers.clone()), (2, vec![1.0, 2.0, -0.3, 4.5]));
        assert_eq!(table.select(&[1]), [2.0, 4.5]);
        assert_eq!(csv("a\n1").unwrap().numbers, [1.0]);
    }

    #[test]
    fn mistakes_have_a_place() {
        for (text, covers, part) in [
            ("a,b\n1,x\n", "x", "line 2, column `b` is `x`, which is no number"),
            ("a,b\n\"1\",2\n3,\n", "", "line 3, column `b` is empty"),
            ("a,b\n1,NaN\n", "NaN", "is NaN"),
            ("a,b\n1,inf\n", "inf", "is inf"),
            ("a,b\n1\n", "1", "line 2 has 1 cells, the header 2"),
            ("a,b\n1,2,3\n", "1,2,3", "has 3 cells"),
            ("a,a\n1,2\n", "a", "two columns"),
            ("a,\n1,2\n", "", "no name"),
            ("a\n\"1\n", "\"", "not closed"),
            ("a\n\"1\"2\n", "\"1\"", "behind a closing quote"),
        ] {
            let found = csv(text).expect_err(text);
            assert!(found.what.contains(part), "{text:?}: {found:?}");
            assert_eq!(&text[found.at.clone().unwrap()], covers, "{text:?}: {found:?}");
        }
        assert_eq!(csv("").unwrap_err().what, "it has no rows");
        assert_eq!(csv("a,b\n\n").unwrap_err().what, "it has no rows");
    }

    fn saved(descr: &str, order: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn npy_is_read() {
        let floats: Vec<u8> = [1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        let table = npy(&saved("<f4", "False", "(2, 3)", &floats)).unwrap();
        assert_eq!((table.rows(), table.columns.len(), table.numbers), (2, 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
        let table = npy(&saved("<f4", "True", "(2, 3)", &floats)).unwrap();
        assert_eq!(table.numbers, [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
        assert_eq!(npy(&saved("|i1", "False", "(2,)", &[1, 255])).unwrap().numbers, [1.0, -1.0]);
        for (bytes, part) in [
            (saved("<f4", "False", "(9, 9)", &floats), "truncated"),
            (saved("<f4", "False", "(4611686018427387904, 8)", &floats), "truncated"),
            (saved("<f4", "False", "(1, 1, 1)", &floats), "one dimension or two"),
            (saved("|O", "False", "(1,)", &floats), "`|O`"),
            (saved("<f4", "False", "(0,)", &[]), "no rows"),
            (saved("<f4", "False", "(1,)", &f32::NAN.to_le_bytes()), "is NaN"),
            (b"PK".to_vec(), "not an NPY"),
            (b"\x93NUMPY\x01\x00\xff\xff".to_vec(), "truncated"),
        ] {
            assert!(npy(&bytes).unwrap_err().what.contains(part), "{part}");
        }
    }

    #[test]
    fn columns_go_to_inputs() {
        let columns = ["x", "y", "label"].map(str::to_owned);
        let of = |inputs: &[Input]| assign(&columns, Some("label"), inputs);
        assert_eq!(of(&[Input { name: "any", shape: &[-1, 2] }]).unwrap(), [[0, 1]]);
        assert_eq!(of(&[Input { name: "any", shape: &[-1, -1] }]).unwrap(), [[0, 1]]);
        let (x, y) = (Input { name: "x", shape: &[-1] }, Input { name: "y", shape: &[-1, 1] });
        assert_eq!(of(&[y, x]).unwrap(), [[1], [0]]);
        let three = of(&[Input { name: "any", shape: &[-1, 3] }]).unwrap_err();
        assert!(three.contains("takes 3 columns, and there are 2 besides the label"), "{three}");
        let missing = of(&[Input { name: "x", shape: &[-1] }, Input { name: "z", shape: &[-1] }]).unwrap_err();
        assert!(missing.contains("no column `z`"), "{missing}");
        assert!(of(&[Input { name: "x", shape: &[1, 3, 8, 8] }]).is_err());
    }
}
