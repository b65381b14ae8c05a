//! The elements that were decoded, against those that a reader of any JSON sees in the same text.

use serde_json::Value;
use windlass_runtime::fuzzing::Decoded;
use windlass_runtime::{DataType, Model};

/// Floats may differ in their last place: the other reader rounds twice.
pub fn same_as_read_elsewhere(model: &Model, decoded: &Decoded, body: &[u8]) {
    // The other reader does not go as deep, and there may be anything beside what is read.
    let request = match serde_json::from_slice::<Value>(body) {
        Ok(request) => request,
        Err(error) => {
            let told = error.to_string();
            // Escapes that stand for no character are only looked at where a text is read.
            let known = ["recursion limit", "number out of range", "surrogate", "hex escape"];
            assert!(known.iter().any(|known| told.contains(known)), "taken, but no JSON: {told}");
            return;
        }
    };
    assert_eq!(request["id"].as_str(), decoded.id.as_deref());
    let given = request["inputs"].as_array().expect("inputs");
    assert_eq!(given.len(), model.inputs.len(), "an input was overlooked");
    for (declared, input) in model.inputs.iter().zip(&decoded.inputs) {
        let given = given.iter().find(|given| given["name"] == declared.name).expect("the input");
        assert_eq!(given["datatype"], declared.datatype.name());
        let shape: Vec<u64> = given["shape"].as_array().expect("a shape").iter().filter_map(Value::as_u64).collect();
        assert_eq!(shape, input.shape.iter().map(|size| *size as u64).collect::<Vec<u64>>());
        let mut elements = Vec::new();
        flatten(&given["data"], &mut elements);
        let found = split(declared.datatype, &input.bytes);
        assert_eq!(found.len(), elements.len());
        for (found, element) in found.into_iter().zip(elements) {
            assert!(same(declared.datatype, found, element), "{element} became {found:?} as {:?}", declared.datatype);
        }
    }
}

/// The bytes of each element; texts stand behind their lengths, and anything that is cut short is an element too many.
pub fn split(datatype: DataType, bytes: &[u8]) -> Vec<&[u8]> {
    if let Some(size) = datatype.size() {
        return bytes.chunks(size).collect();
    }
    let (mut rest, mut found) = (bytes, Vec::new());
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let Some((text, after)) = after.split_at_checked(u32::from_le_bytes(*length) as usize) else { break };
        found.push(text);
        rest = after;
    }
    if !rest.is_empty() {
        found.push(rest);
    }
    found
}

fn flatten<'a>(value: &'a Value, into: &mut Vec<&'a Value>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| flatten(value, into)),
        other => into.push(other),
    }
}

fn same(datatype: DataType, bytes: &[u8], element: &Value) -> bool {
    if datatype == DataType::Bytes {
        return element.as_str().map(str::as_bytes) == Some(bytes);
    }
    let mut wide = [0; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    let bits = u64::from_le_bytes(wide);
    // Negative numbers go on to the left.
    let signed = (bits << (64 - 8 * bytes.len())) as i64 >> (64 - 8 * bytes.len());
    match datatype {
        DataType::Bytes => false,
        DataType::Bool => {
            element.as_bool().map_or_else(|| element.as_u64(), |truth| Some(u64::from(truth))) == Some(bits)
        }
        DataType::Uint8 | DataType::Uint16 | DataType::Uint32 | DataType::Uint64 => element.as_u64() == Some(bits),
        // Which has no sign as an integer, and one as any number.
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 if element.as_f64() == Some(0.0) => {
            signed == 0
        }
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => element.as_i64() == Some(signed),
        DataType::Fp32 => {
            let near = element.as_f64().map(|number| (number as f32).to_bits());
            near.is_some_and(|near| near.abs_diff(bits as u32) <= 1)
        }
        DataType::Fp64 => element.as_f64().is_some_and(|number| number.to_bits().abs_diff(bits) <= 1),
        DataType::Fp16 => {
            element.as_f64().is_some_and(|number| (number - half(bits as u16)).abs() <= number.abs() / 1e3 + 1e-7)
        }
    }
}

/// What the bits of a half stand for, by its definition.
fn half(bits: u16) -> f64 {
    let (sign, exponent, fraction) = (bits >> 15, i32::from(bits >> 10 & 31), f64::from(bits & 1_023));
    let size = match exponent {
        0 => fraction * 2_f64.powi(-24),
        _ => (1.0 + fraction / 1_024.0) * 2_f64.powi(exponent - 15),
    };
    if sign == 1 { -size } else { size }
}
