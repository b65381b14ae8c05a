//! The elements of one tensor: JSON text or raw bytes -> an engine tensor, without a value tree in between.

use tract_onnx::prelude::{Datum, IntoTensor, Tensor, f16, tract_ndarray};

use crate::model::datum_type;
use crate::plain::Text;
use crate::refusal::excerpt;
use crate::service::{DataType, shape_text};

/// `json` must be one valid JSON value; it may be flat, or nested just as `shape` says.
pub fn from_json(datatype: DataType, shape: &[usize], json: &str) -> Result<Tensor, String> {
    let count = count(shape)?;
    // An element takes a character at least, so a short text cannot make us allocate a large tensor.
    if count > json.len() {
        return Err(format!("the shape {} needs {count} elements, data has fewer", shape_text(shape)));
    }
    match datatype {
        DataType::Bool => parsed::<bool>(shape, json),
        DataType::Uint8 => parsed::<u8>(shape, json),
        DataType::Uint16 => parsed::<u16>(shape, json),
        DataType::Uint32 => parsed::<u32>(shape, json),
        DataType::Uint64 => parsed::<u64>(shape, json),
        DataType::Int8 => parsed::<i8>(shape, json),
        DataType::Int16 => parsed::<i16>(shape, json),
        DataType::Int32 => parsed::<i32>(shape, json),
        DataType::Int64 => parsed::<i64>(shape, json),
        DataType::Fp16 => parsed::<f16>(shape, json),
        DataType::Fp32 => parsed::<f32>(shape, json),
        DataType::Fp64 => parsed::<f64>(shape, json),
        DataType::Bytes => {
            let mut texts = vec![String::new(); count];
            fill(shape, json, &mut texts)?;
            of_texts(shape, texts)
        }
    }
}

/// An array of elements, flat and of plain JSON; `None` for anything else.
pub fn from_plain(datatype: DataType, shape: &[usize], text: &mut Text) -> Option<Tensor> {
    // Texts may be escaped; the other reader takes them.
    if datatype == DataType::Bytes || count(shape).ok()? > text.left() {
        return None;
    }
    let mut tensor = Tensor::zero_dt(datum_type(datatype), shape).ok()?;
    fill_plain(datatype, &mut tensor, text)?;
    Some(tensor)
}

/// As [`from_plain`], into a tensor of that type. After [`None`] its elements are any.
pub fn fill_plain(datatype: DataType, tensor: &mut Tensor, text: &mut Text) -> Option<()> {
    match datatype {
        DataType::Bool => plain::<bool>(tensor, text, |text| text.truth()),
        DataType::Uint8 => plain::<u8>(tensor, text, |text| u8::parse(text.number()?.text())),
        DataType::Uint16 => plain::<u16>(tensor, text, |text| u16::parse(text.number()?.text())),
        DataType::Uint32 => plain::<u32>(tensor, text, |text| u32::parse(text.number()?.text())),
        DataType::Uint64 => plain::<u64>(tensor, text, |text| u64::parse(text.number()?.text())),
        DataType::Int8 => plain::<i8>(tensor, text, |text| i8::parse(text.number()?.text())),
        DataType::Int16 => plain::<i16>(tensor, text, |text| i16::parse(text.number()?.text())),
        DataType::Int32 => plain::<i32>(tensor, text, |text| i32::parse(text.number()?.text())),
        DataType::Int64 => plain::<i64>(tensor, text, |text| i64::parse(text.number()?.text())),
        DataType::Fp16 => plain::<f16>(tensor, text, |text| f16::parse(text.number()?.text())),
        DataType::Fp32 => plain::<f32>(tensor, text, |text| {
            let number = text.number()?;
            number.float().or_else(|| f32::parse(number.text()))
        }),
        DataType::Fp64 => plain::<f64>(tensor, text, |text| {
            let number = text.number()?;
            number.double().or_else(|| f64::parse(number.text()))
        }),
        DataType::Bytes => None,
    }
}

fn plain<T: Element>(tensor: &mut Tensor, text: &mut Text, next: impl Fn(&mut Text) -> Option<T>) -> Option<()> {
    let mut view = tensor.try_as_plain_ram_mut().ok()?;
    let mut places = view.as_slice_mut::<T>().ok()?.iter_mut();
    text.items(|text| {
        *places.next()? = next(text)?;
        Some(())
    })?;
    places.next().is_none().then_some(())
}

/// Little-endian elements in row-major order; of BYTES, each behind its length in four bytes.
pub fn from_bytes(datatype: DataType, shape: &[usize], bytes: &[u8]) -> Result<Tensor, String> {
    let Some(size) = datatype.size() else { return prefixed(shape, bytes) };
    let needed = count(shape)?.checked_mul(size);
    if needed != Some(bytes.len()) {
        let needed = needed.map_or_else(|| "too many".to_owned(), |n| n.to_string());
        let shape = shape_text(shape);
        return Err(format!("the shape {shape} of {} needs {needed} bytes, got {}", datatype.name(), bytes.len()));
    }
    let mut tensor = Tensor::zero_dt(datum_type(datatype), shape).map_err(|error| error.to_string())?;
    fill_bytes(datatype, &mut tensor, bytes)?;
    Ok(tensor)
}

/// As [`from_bytes`], into a tensor of that type and of as many bytes.
pub fn fill_bytes(datatype: DataType, tensor: &mut Tensor, bytes: &[u8]) -> Result<(), String> {
    if datatype == DataType::Bool
        && let Some(byte) = bytes.iter().find(|byte| **byte > 1)
    {
        return Err(format!("a BOOL is the byte 0 or 1, got {byte}"));
    }
    if cfg!(target_endian = "little") {
        tensor.as_bytes_mut().copy_from_slice(bytes);
    } else {
        let size = tensor.datum_type().size_of();
        for (to, from) in tensor.as_bytes_mut().chunks_exact_mut(size).zip(bytes.chunks_exact(size)) {
            to.iter_mut().zip(from.iter().rev()).for_each(|(to, from)| *to = *from);
        }
    }
    Ok(())
}

fn prefixed(shape: &[usize], mut bytes: &[u8]) -> Result<Tensor, String> {
    let needed = count(shape)?;
    let shown = || format!("the shape {} of BYTES needs {needed} elements, each behind its length", shape_text(shape));
    // A length alone takes four bytes, so a short body cannot make us allocate a large tensor.
    if needed.checked_mul(4).is_none_or(|least| least > bytes.len()) {
        return Err(format!("{}, and {} bytes hold fewer", shown(), bytes.len()));
    }
    let mut elements = Vec::with_capacity(needed);
    while elements.len() < needed {
        let split = bytes.split_at_checked(4).and_then(|(length, rest)| {
            let length = u32::from_le_bytes(length.try_into().ok()?);
            rest.split_at_checked(usize::try_from(length).ok()?)
        });
        let (element, rest) =
            split.ok_or_else(|| format!("{}, and element {} is cut short", shown(), elements.len()))?;
        elements.push(element);
        bytes = rest;
    }
    match bytes.len() {
        0 => from_texts(shape, elements),
        left => Err(format!("{}, and {left} bytes are left after them", shown())),
    }
}

/// Of BYTES; their number must be that of the shape.
pub fn from_texts<'a>(shape: &[usize], elements: impl IntoIterator<Item = &'a [u8]>) -> Result<Tensor, String> {
    let text = |(at, bytes): (usize, &[u8])| match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(format!("element {at} is not UTF-8, as the model's texts are")),
    };
    let texts = elements.into_iter().enumerate().map(text).collect::<Result<Vec<String>, String>>()?;
    if count(shape)? != texts.len() {
        let (needed, shape) = (count(shape)?, shape_text(shape));
        return Err(format!("the shape {shape} needs {needed} elements, the contents have {}", texts.len()));
    }
    of_texts(shape, texts)
}

/// As many as the shape says.
fn of_texts(shape: &[usize], texts: Vec<String>) -> Result<Tensor, String> {
    let array = tract_ndarray::ArrayD::from_shape_vec(shape, texts).map_err(|error| error.to_string())?;
    Ok(array.into_tensor())
}

/// The other way round: each behind its length.
pub fn to_prefixed(texts: &[String]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(texts.iter().map(|text| text.len() + 4).sum());
    for text in texts {
        // No tensor's element is of more than four gigabytes: it would have come in a body, or a model file.
        bytes.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

pub fn count(shape: &[usize]) -> Result<usize, String> {
    let product = shape.iter().try_fold(1_usize, |product, dim| product.checked_mul(*dim));
    product.ok_or_else(|| format!("the shape {} has more elements than memory has addresses", shape_text(shape)))
}

fn parsed<T: Element + Copy>(shape: &[usize], json: &str) -> Result<Tensor, String> {
    let mut tensor = Tensor::zero_dt(T::datum_type(), shape).map_err(|error| error.to_string())?;
    let mut view = tensor.try_as_plain_ram_mut().map_err(|error| error.to_string())?;
    fill::<T>(shape, json, view.as_slice_mut::<T>().map_err(|error| error.to_string())?)?;
    Ok(tensor)
}

fn fill<T: Element>(shape: &[usize], json: &str, out: &mut [T]) -> Result<(), String> {
    let bytes = json.as_bytes();
    let opening = bytes.iter().filter(|byte| !byte.is_ascii_whitespace()).take_while(|byte| **byte == b'[').count();
    // At which depth the elements stand, and how many children an array has at each depth.
    let flat = [out.len()];
    let sizes = match opening {
        0 => return Err("data must be an array".to_owned()),
        1 => &flat[..],
        depth if depth == shape.len() => shape,
        depth => {
            let rank = shape.len().max(1);
            return Err(format!("data is nested {depth} deep; it may be flat, or nested {rank} deep as its shape"));
        }
    };
    let mut counts = vec![0_usize; sizes.len()];
    let (mut depth, mut filled, mut at) = (0, 0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'[' if depth < sizes.len() => {
                if depth > 0 {
                    counts[depth - 1] += 1;
                }
                counts[depth] = 0;
                depth += 1;
                at += 1;
            }
            b']' => {
                // The text is valid JSON, so brackets are balanced; the check costs nothing and keeps this free of panics.
                depth = depth.checked_sub(1).ok_or("data is not an array")?;
                let (found, expected) = (counts[depth], sizes[depth]);
                if found != expected {
                    return Err(wrong_count(shape, sizes, depth, found, expected));
                }
                at += 1;
            }
            b',' | b' ' | b'\n' | b'\r' | b'\t' => at += 1,
            b'[' | b'{' | b'"' if bytes[at] != b'"' || !T::IS_TEXT => {
                let what = if bytes[at] == b'"' { "a string" } else { "a nested value" };
                return Err(format!("data holds {what} where element {filled} should be"));
            }
            _ => {
                let end = if bytes[at] == b'"' { end_of_text(bytes, at) } else { end_of_number(bytes, at) };
                let token = &json[at..end];
                if depth != sizes.len() {
                    return Err(format!("data is ragged: {} stands where an array should", excerpt(token)));
                }
                let Some(slot) = out.get_mut(filled) else {
                    let expected = out.len();
                    return Err(format!("the shape {} needs {expected} elements, data has more", shape_text(shape)));
                };
                *slot = T::parse(token).ok_or_else(|| {
                    format!("element {filled} is {}, which is no {}", excerpt(token), T::datatype().name())
                })?;
                filled += 1;
                counts[depth - 1] += 1;
                at = end;
            }
        }
    }
    if depth == 0 && filled == out.len() { Ok(()) } else { Err("data is not an array".to_owned()) }
}

fn end_of_number(bytes: &[u8], at: usize) -> usize {
    let end = bytes[at..].iter().position(|byte| matches!(byte, b',' | b']' | b' ' | b'\n' | b'\r' | b'\t'));
    end.map_or(bytes.len(), |length| at + length)
}

/// Behind the closing quote of the text that begins here.
fn end_of_text(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'"' => return end + 1,
            b'\\' => end += 2,
            _ => end += 1,
        }
    }
    bytes.len()
}

fn wrong_count(shape: &[usize], sizes: &[usize], depth: usize, found: usize, expected: usize) -> String {
    let shape = shape_text(shape);
    if sizes.len() == 1 {
        format!("the shape {shape} needs {expected} elements, data has {found}")
    } else {
        format!(
            "data is ragged: the shape {shape} needs {expected} values along axis {depth}, an array there has {found}"
        )
    }
}

/// One element type as JSON writes it. Integers are written without fraction or exponent; numbers must fit their type.
trait Element: Datum {
    /// Whether it stands between quotes.
    const IS_TEXT: bool = false;
    fn datatype() -> DataType;
    fn parse(token: &str) -> Option<Self>;
}

macro_rules! integers {
    ($($type:ty = $datatype:ident),*) => {$(
        impl Element for $type {
            fn datatype() -> DataType { DataType::$datatype }
            fn parse(token: &str) -> Option<Self> { token.parse().ok() }
        }
    )*};
}
integers!(u8 = Uint8, u16 = Uint16, u32 = Uint32, u64 = Uint64, i8 = Int8, i16 = Int16, i32 = Int32, i64 = Int64);

impl Element for f32 {
    fn datatype() -> DataType {
        DataType::Fp32
    }

    fn parse(token: &str) -> Option<f32> {
        token.parse().ok().filter(|number: &f32| number.is_finite())
    }
}

impl Element for f64 {
    fn datatype() -> DataType {
        DataType::Fp64
    }

    fn parse(token: &str) -> Option<f64> {
        token.parse().ok().filter(|number: &f64| number.is_finite())
    }
}

impl Element for f16 {
    fn datatype() -> DataType {
        DataType::Fp16
    }

    fn parse(token: &str) -> Option<f16> {
        token.parse().ok().map(f16::from_f64).filter(|number| number.is_finite())
    }
}

impl Element for String {
    const IS_TEXT: bool = true;

    fn datatype() -> DataType {
        DataType::Bytes
    }

    fn parse(token: &str) -> Option<String> {
        serde_json::from_str(token).ok()
    }
}

impl Element for bool {
    fn datatype() -> DataType {
        DataType::Bool
    }

    fn parse(token: &str) -> Option<bool> {
        match token {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats(shape: &[usize], json: &str) -> Result<Vec<f32>, String> {
        let tensor = from_json(DataType::Fp32, shape, json)?;
        Ok(tensor.try_as_plain_ram().unwrap().as_slice::<f32>().unwrap().to_vec())
    }

    #[test]
    fn flat_and_nested_are_the_same() {
        let expected = vec![1.0, 2.5, -3e-2, 4.0, 5.0, 6.0];
        assert_eq!(floats(&[2, 3], "[1,2.5,-3e-2,4,5,6]").unwrap(), expected);
        assert_eq!(floats(&[2, 3], " [ [1, 2.5,\n-3e-2], [4,5,6] ] ").unwrap(), expected);
        assert_eq!(floats(&[2, 1, 3], "[[[1,2.5,-3e-2]],[[4,5,6]]]").unwrap(), expected);
        assert_eq!(floats(&[], "[7]").unwrap(), [7.0]);
    }

    #[test]
    fn floats_are_rounded_once() {
        // Halfway between two floats in decimal, just above it in binary once it has been rounded to a double first.
        let text = "1.00000017881393432617187499";
        assert_eq!(floats(&[1], &format!("[{text}]")).unwrap(), [text.parse::<f32>().unwrap()]);
        assert_eq!(floats(&[1], "[16777217]").unwrap(), [16_777_216.0]);
    }

    #[test]
    fn wrong_data_is_told_apart() {
        for (shape, json, part) in [
            (&[2, 3][..], "[1,2,3,4,5]", "needs 6 elements, data has 5"),
            (&[2, 3], "[1,2,3,4,5,6,7]", "data has more"),
            (&[2, 3], "[[1,2,3],[4,5]]", "ragged"),
            (&[2, 3], "[[1,2,3],[4,5,6,7]]", "data has more"),
            (&[2, 3], "[[1,2],[3,4],[5,6]]", "ragged"),
            (&[2, 3], "[[1,2,3],4,5,6]", "ragged"),
            (&[2, 3], "[[1,2,3],[4,5,[6]]]", "nested value"),
            (&[2, 3], "[[[1,2,3],[4,5,6]]]", "nested 3 deep"),
            (&[2, 3], "[1,2,3,4,5,\"6\"]", "a string"),
            (&[2, 3], "[1,2,3,4,5,null]", "element 5 is null"),
            (&[2, 3], "[1,2,3,4,5,1e400]", "no FP32"),
            (&[2, 3], "[1,2,3,4,5,1e39]", "no FP32"),
            (&[2, 3], "{\"a\": [1,2,3,4,5,6]}", "must be an array"),
            (&[2, 3], "\"aaaaaaaaaaaaaaaaaaaaa\"", "must be an array"),
            (&[1], "[[]]", "nested 2 deep"),
            (&[1], "[ ]", "data has 0"),
            (&[usize::MAX, 2], "[1]", "more elements than memory"),
            (&[1 << 40], "[1]", "data has fewer"),
        ] {
            let error = floats(shape, json).expect_err(json);
            assert!(error.contains(part), "{json}: {error}");
        }
    }

    #[test]
    fn integers_must_be_integers_and_fit() {
        for (datatype, good, bad) in [
            (DataType::Uint8, "255", "256"),
            (DataType::Int8, "-128", "-129"),
            (DataType::Uint64, "18446744073709551615", "18446744073709551616"),
            (DataType::Int64, "-9223372036854775808", "9223372036854775808"),
            (DataType::Int32, "7", "7.0"),
            (DataType::Bool, "true", "2"),
            (DataType::Fp16, "65504", "65536"),
        ] {
            from_json(datatype, &[1], &format!("[{good}]")).unwrap();
            let error = from_json(datatype, &[1], &format!("[{bad}]")).unwrap_err();
            assert!(error.contains(datatype.name()), "{error}");
        }
    }

    fn texts(tensor: Tensor) -> Vec<String> {
        tensor.try_as_plain_ram().unwrap().as_slice::<String>().unwrap().to_vec()
    }

    #[test]
    fn texts_stand_between_quotes() {
        let read = |shape: &[usize], json: &str| from_json(DataType::Bytes, shape, json).map(texts);
        let expected = ["a, \"b\"]", "", "\\", "\u{fc}\u{1f600}"];
        let elements = r#""a, \"b\"]","","\\","\u00fc\ud83d\ude00""#;
        assert_eq!(read(&[4], &format!("[{elements}]")).unwrap(), expected);
        assert_eq!(read(&[1, 4], &format!("[ [{elements} ] ]")).unwrap(), expected);
        for (json, part) in [
            (r#"["a",1]"#, "element 1 is 1, which is no BYTES"),
            (r#"["a",null]"#, "element 1 is null"),
            (r#"["a",["b"]]"#, "a nested value"),
            (r#"["a"]"#, "data has 1"),
            (r#"["a","b","c"]"#, "data has more"),
            (r#""aaaaaaaa""#, "must be an array"),
        ] {
            let error = read(&[2], json).expect_err(json);
            assert!(error.contains(part), "{json}: {error}");
        }
        // JSON lets half a character stand; a text has none.
        assert!(read(&[1], r#"["\ud800"]"#).unwrap_err().contains("no BYTES"));
    }

    #[test]
    fn texts_in_bytes_stand_behind_their_lengths() {
        let bytes = [2, 0, 0, 0, b'a', b'b', 0, 0, 0, 0, 2, 0, 0, 0, 0xc3, 0xbc];
        let read = texts(from_bytes(DataType::Bytes, &[3, 1], &bytes).unwrap());
        assert_eq!(read, ["ab", "", "\u{fc}"]);
        assert_eq!(to_prefixed(&read), bytes);
        for (shape, bytes, part) in [
            (&[2][..], &bytes[..], "6 bytes are left"),
            (&[4], &bytes, "element 3 is cut short"),
            (&[1], &[9, 0, 0, 0, b'a'], "element 0 is cut short"),
            (&[1], &[0xff; 8], "element 0 is cut short"),
            (&[1], &[1, 0, 0, 0, 0xff], "element 0 is not UTF-8"),
            (&[1 << 40], &bytes, "bytes hold fewer"),
            (&[usize::MAX], &bytes, "bytes hold fewer"),
        ] {
            let error = from_bytes(DataType::Bytes, shape, bytes).expect_err(part);
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn bytes_must_be_exact() {
        let tensor = from_bytes(DataType::Int16, &[2], &[1, 0, 0xff, 0xff]).unwrap();
        assert_eq!(tensor.try_as_plain_ram().unwrap().as_slice::<i16>().unwrap(), [1, -1]);
        assert!(from_bytes(DataType::Int16, &[2], &[0; 3]).is_err());
        assert!(from_bytes(DataType::Int16, &[usize::MAX], &[0; 3]).is_err());
        assert!(from_bytes(DataType::Bool, &[2], &[0, 2]).is_err());
    }
}
