//! The last stage, the result: the engine's tensors -> the body of the answer, JSON followed by the outputs that go out as bytes.

use std::borrow::Cow;

use hyper::StatusCode;
use tract_onnx::prelude::{DatumType, TValue, Tensor, f16};

use crate::elements;
use crate::model::check_output;
use crate::protocol::Call;
use crate::refusal::Refusal;
use crate::service::{self, DataType};

/// A body, and the length of its JSON part when bytes follow it.
pub struct Encoded {
    pub body: Vec<u8>,
    pub header_length: Option<usize>,
}

/// What is the same in all answers of a version.
pub struct Heads {
    answer: Vec<u8>,
    outputs: Vec<Vec<u8>>,
}

impl Heads {
    pub fn of(model: &service::Model, version: &str) -> Heads {
        let mut answer = b"{\"model_name\":".to_vec();
        string(&mut answer, model.name);
        answer.extend_from_slice(b",\"model_version\":");
        string(&mut answer, version);
        let output = |declared: &service::Tensor| {
            let mut head = b"{\"name\":".to_vec();
            string(&mut head, declared.name);
            head.extend_from_slice(format!(",\"datatype\":\"{}\",\"shape\":", declared.datatype.name()).as_bytes());
            head
        };
        Heads { answer, outputs: model.outputs.iter().map(output).collect() }
    }
}

/// `limit` is on the bytes of JSON that all elements together may take at worst: text is several times what it stands for.
pub fn encode(
    model: &service::Model,
    heads: &Heads,
    call: &Call,
    outputs: &[TValue],
    limit: u64,
) -> Result<Encoded, Refusal> {
    let text = |(index, as_bytes): &(usize, bool)| match outputs.get(*index) {
        Some(output) if !as_bytes => most_text(model.outputs[*index].datatype, output),
        _ => 0,
    };
    if call.outputs.iter().map(text).sum::<u64>() > limit {
        return Err(Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the answer may be longer than {limit} bytes in JSON; ask for binary_data or send fewer rows"),
        ));
    }
    let mut json = Vec::with_capacity(256);
    let as_bytes = call.outputs.iter().any(|(_, as_bytes)| *as_bytes);
    let mut binary: Vec<u8> = Vec::with_capacity(if as_bytes { 256 } else { 0 });
    json.extend_from_slice(&heads.answer);
    if let Some(id) = &call.id {
        json.extend_from_slice(b",\"id\":");
        string(&mut json, id);
    }
    json.extend_from_slice(b",\"outputs\":[");
    for (position, (index, is_bytes)) in call.outputs.iter().enumerate() {
        let declared = &model.outputs[*index];
        let output = outputs.get(*index).ok_or_else(|| Refusal::internal("the engine returned too few outputs"))?;
        check_output(declared, output).map_err(Refusal::internal)?;
        let tensor = as_declared(output)?;
        if position > 0 {
            json.push(b',');
        }
        json.extend_from_slice(&heads.outputs[*index]);
        values(&mut json, tensor.shape());
        if *is_bytes {
            let bytes = little_endian(declared.datatype, &tensor);
            json.extend_from_slice(b",\"parameters\":{\"binary_data_size\":");
            let _ = serde_json::to_writer(&mut json, &bytes.len());
            json.extend_from_slice(b"}}");
            binary.extend_from_slice(&bytes);
        } else {
            json.extend_from_slice(b",\"data\":");
            data(&mut json, declared, &tensor)?;
            json.push(b'}');
        }
    }
    json.extend_from_slice(b"]}");
    let header_length = as_bytes.then_some(json.len());
    json.extend_from_slice(&binary);
    Ok(Encoded { body: json, header_length })
}

/// Characters of JSON that all elements may take, with a comma after each.
pub fn most_text(datatype: DataType, tensor: &Tensor) -> u64 {
    let each = match datatype {
        DataType::Bytes => return texts(tensor).iter().map(|text| longest(text)).sum(),
        datatype => longest_text(datatype),
    };
    (tensor.len() as u64).saturating_mul(each)
}

/// Of a text between quotes, at most: a control character takes six.
fn longest(text: &str) -> u64 {
    3 + 6 * text.len() as u64
}

/// The elements of BYTES; none of another type.
pub fn texts(tensor: &Tensor) -> Vec<String> {
    let view = tensor.try_as_plain_ram();
    view.and_then(|view| view.as_slice::<String>().map(<[String]>::to_vec)).unwrap_or_default()
}

/// Characters of the longest element and the comma after it; of a text, what there is besides its content.
fn longest_text(datatype: DataType) -> u64 {
    match datatype {
        DataType::Bytes => 3,
        DataType::Bool => 6,
        DataType::Uint8 => 4,
        DataType::Int8 => 5,
        DataType::Uint16 => 6,
        DataType::Int16 => 7,
        DataType::Uint32 => 11,
        DataType::Int32 => 12,
        DataType::Uint64 | DataType::Int64 => 21,
        DataType::Fp16 | DataType::Fp32 => 16,
        DataType::Fp64 => 25,
    }
}

/// The engine calls some integers dimensions.
pub fn as_declared(output: &Tensor) -> Result<Cow<'_, Tensor>, Refusal> {
    if output.datum_type() != DatumType::TDim {
        return Ok(Cow::Borrowed(output));
    }
    output
        .cast_to::<i64>()
        .map_err(|error| Refusal::internal(format!("the engine returned a symbolic number: {error}")))
}

/// As the protocol has it in bytes.
pub fn little_endian(datatype: DataType, tensor: &Tensor) -> Cow<'_, [u8]> {
    let Some(size) = datatype.size() else { return Cow::Owned(elements::to_prefixed(&texts(tensor))) };
    if cfg!(target_endian = "little") {
        return Cow::Borrowed(tensor.as_bytes());
    }
    let mut bytes = tensor.as_bytes().to_vec();
    bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
    Cow::Owned(bytes)
}

fn string(out: &mut Vec<u8>, text: &str) {
    // Writing a string to memory cannot fail.
    let _ = serde_json::to_writer(out, text);
}

fn values<T: serde::Serialize>(out: &mut Vec<u8>, values: &[T]) {
    out.reserve(values.len() * 4);
    let _ = serde_json::to_writer(out, values);
}

pub fn data(out: &mut Vec<u8>, declared: &service::Tensor, tensor: &Tensor) -> Result<(), Refusal> {
    let view = tensor.try_as_plain_ram().map_err(|error| Refusal::internal(error.to_string()))?;
    macro_rules! write_as {
        ($type:ty) => {
            values(out, view.as_slice::<$type>().map_err(|error| Refusal::internal(error.to_string()))?)
        };
    }
    macro_rules! write_floats {
        ($type:ty, $widen:expr) => {{
            let floats = view.as_slice::<$type>().map_err(|error| Refusal::internal(error.to_string()))?;
            if let Some(at) = floats.iter().position(|number| !number.is_finite()) {
                let (name, number) = (declared.name, floats[at]);
                // What makes a model overflow is what it was given: a caller alone must not look like a failing service.
                return Err(Refusal::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    format!("output `{name}`: element {at} is {number}, which JSON cannot say; ask for binary_data"),
                ));
            }
            $widen(out, floats)
        }};
    }
    match declared.datatype {
        DataType::Bool => write_as!(bool),
        DataType::Uint8 => write_as!(u8),
        DataType::Uint16 => write_as!(u16),
        DataType::Uint32 => write_as!(u32),
        DataType::Uint64 => write_as!(u64),
        DataType::Int8 => write_as!(i8),
        DataType::Int16 => write_as!(i16),
        DataType::Int32 => write_as!(i32),
        DataType::Int64 => write_as!(i64),
        DataType::Bytes => write_as!(String),
        DataType::Fp32 => write_floats!(f32, values),
        DataType::Fp64 => write_floats!(f64, values),
        DataType::Fp16 => write_floats!(f16, |out, floats: &[f16]| {
            values(out, &floats.iter().map(|number| number.to_f32()).collect::<Vec<f32>>())
        }),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tract_onnx::prelude::IntoTValue;

    use super::*;

    const MODEL: service::Model = service::Model {
        name: "m",
        versions: &[],
        shadow_sample: 0,
        inputs: &[],
        outputs: &[service::Tensor { name: "y", datatype: DataType::Fp32, shape: &[-1] }],
    };

    fn encoded(as_bytes: bool, limit: u64) -> Result<Encoded, Refusal> {
        let tensor = Tensor::zero_dt(DatumType::F32, &[100]).unwrap().into_tvalue();
        let outputs = vec![(0, as_bytes)];
        encode(
            &MODEL,
            &Heads::of(&MODEL, "1"),
            &Call { id: None, inputs: Default::default(), shapes: Vec::new(), outputs, timeout: None },
            &[tensor],
            limit,
        )
    }

    #[test]
    fn text_has_a_limit() {
        assert!(encoded(false, 1_600).is_ok());
        assert_eq!(encoded(false, 1_599).err().unwrap().status, 413);
        assert!(encoded(true, 0).is_ok());
    }

    #[test]
    fn texts_are_as_long_as_they_may_be_written() {
        let words = ["\u{1}\u{2}".to_owned(), "\u{1f600}".to_owned(), "plain".to_owned(), String::new()];
        let tensor = Tensor::from(tract_onnx::prelude::tract_ndarray::arr1(&words));
        let declared = service::Tensor { name: "y", datatype: DataType::Bytes, shape: &[-1] };
        let mut json = Vec::new();
        data(&mut json, &declared, &tensor).unwrap();
        assert_eq!(serde_json::from_slice::<Vec<String>>(&json).unwrap(), words);
        assert!(json.len() as u64 <= most_text(DataType::Bytes, &tensor) + 2);
        assert_eq!(little_endian(DataType::Bytes, &tensor).len(), 4 * 4 + 2 + 4 + 5);
    }

    #[test]
    fn no_element_is_longer_than_the_longest() {
        let length = |text: String| text.len() as u64 + 1;
        for float in [f32::MIN, -f32::MIN_POSITIVE, -1.175_494_4e-38, -1.234_567_9e-10, -123_456.79, -0.000_012_345_678]
        {
            assert!(length(serde_json::to_string(&float).unwrap()) <= longest_text(DataType::Fp32), "{float}");
        }
        for float in [f64::MIN, -f64::MIN_POSITIVE, -1.234_567_890_123_456_7e-300, -0.000_012_345_678_901_234_567] {
            assert!(length(serde_json::to_string(&float).unwrap()) <= longest_text(DataType::Fp64), "{float}");
        }
        assert_eq!(length(i64::MIN.to_string()), longest_text(DataType::Int64));
        assert_eq!(length(u64::MAX.to_string()), longest_text(DataType::Uint64));
        assert_eq!(length(i32::MIN.to_string()), longest_text(DataType::Int32));
    }
}
