//! Inference over gRPC: a `ModelInferRequest` -> a call that fits the model, and its outputs -> a `ModelInferResponse`.

use std::time::Duration;

use bytes::Bytes;
use tract_onnx::prelude::{Datum, IntoTValue, TValue, Tensor, f16};

use super::framing::{Codings, decoded, framed};
use super::protocol::inference::infer_parameter::ParameterChoice;
use super::protocol::inference::model_infer_request::{InferInputTensor, InferRequestedOutputTensor};
use super::protocol::inference::model_infer_response::InferOutputTensor;
use super::protocol::inference::{
    InferTensorContents, ModelInferRequest, ModelInferResponse, ModelStreamInferResponse,
};
use crate::app::App;
use crate::elements;
use crate::infer::Codec;
use crate::model::check_output;
use crate::protocol::{self, Call, Inputs, NO_SHARED_MEMORY, Outputs, Wrong, fit, fits_type};
use crate::refusal::Refusal;
use crate::repository::Served;
use crate::result::{as_declared, little_endian};
use crate::service::{self, DataType, shape_text};

/// How one message of a call is read and answered.
pub struct Grpc {
    pub codings: Codings,
    /// Whether its answer is one of a stream.
    pub streamed: bool,
}

impl Codec for Grpc {
    /// With its prefix.
    type Answer = Vec<u8>;

    /// It was inflated to see which version it is for.
    fn compressed(&self) -> bool {
        false
    }

    fn decode(&self, app: &App, served: &Served, body: Bytes) -> Result<Call, Refusal> {
        few_entries(&body)?;
        call(&app.service.model, served.engine.equal_dimensions(), decoded(body)?)
    }

    fn encode(&self, app: &App, served: &Served, call: &Call, outputs: &[TValue]) -> Result<Vec<u8>, Refusal> {
        let response = response(&app.service.model, &served.label, call, outputs)?;
        if self.streamed {
            let response = ModelStreamInferResponse { infer_response: Some(response), ..Default::default() };
            return framed(&response, self.codings.answer);
        }
        framed(&response, self.codings.answer)
    }
}

/// What a request says before its tensors are looked at.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Named {
    pub model: String,
    /// Empty when any will do.
    pub version: String,
    pub id: String,
}

impl Named {
    /// Reads no more than the names. What else is wrong with the message shows when it is decoded.
    pub fn of(message: &[u8]) -> Result<Named, Refusal> {
        let mut named = Named::default();
        for (at, field) in Fields(message).enumerate() {
            if at == MOST_FIELDS {
                return Err(Refusal::invalid(format!("the message has more than {MOST_FIELDS} fields")));
            }
            let (number, content) = field?;
            let name = match number {
                1 => &mut named.model,
                2 => &mut named.version,
                3 => &mut named.id,
                _ => continue,
            };
            // As in the format, the last of several counts.
            *name = String::from_utf8_lossy(content).into_owned();
        }
        Ok(named)
    }
}

/// Fields of a message, those that nobody knows among them.
const MOST_FIELDS: usize = 2 * MOST_ENTRIES;

/// Tensors, names and parameters in one request.
const MOST_ENTRIES: usize = 8_192;

/// An empty tensor is two bytes of a message and hundreds in memory, so these are counted before they are made.
fn few_entries(message: &[u8]) -> Result<(), Refusal> {
    let mut entries = 0;
    for field in Fields(message) {
        let (number, content) = field?;
        entries += usize::from((4..=7).contains(&number));
        if number == 5 || number == 6 {
            for field in Fields(content) {
                let (inner, content) = field?;
                entries += 1;
                if number == 5 && inner == 5 {
                    let strings = Fields(content).filter(|field| matches!(field, Ok((8, _)) | Err(_)));
                    entries += strings.count();
                }
            }
        }
        if entries > MOST_ENTRIES {
            return Err(Refusal::invalid(format!("more than {MOST_ENTRIES} tensors, strings and parameters")));
        }
    }
    Ok(())
}

/// The fields of a message in protocol buffers: each one's number, and what is in it if it has a length.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, &'a [u8]), Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.read();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field.ok_or_else(|| Refusal::invalid("the message is not valid: a field of it is cut short or malformed")))
    }
}

impl<'a> Fields<'a> {
    fn read(&mut self) -> Option<(u64, &'a [u8])> {
        let key = self.varint()?;
        let length = match key & 7 {
            0 => {
                self.varint()?;
                0
            }
            1 => 8,
            2 => usize::try_from(self.varint()?).ok()?,
            5 => 4,
            _ => return None,
        };
        let (content, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some((key >> 3, if key & 7 == 2 { content } else { &[] }))
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for place in 0..10 {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

fn call(model: &service::Model, equal: &[Vec<(usize, usize)>], request: ModelInferRequest) -> Result<Call, Refusal> {
    let is_raw = !request.raw_input_contents.is_empty();
    if is_raw && request.raw_input_contents.len() != request.inputs.len() {
        let (raw, inputs) = (request.raw_input_contents.len(), request.inputs.len());
        return Err(Refusal::invalid(format!("raw_input_contents holds {raw} tensors for {inputs} inputs")));
    }
    let timeout = timeout(&request)?;
    let outputs = outputs(model, &request.outputs, is_raw)?;
    let mut raw = request.raw_input_contents.into_iter();
    let mut inputs = Inputs::new(model);
    for input in request.inputs {
        let raw = raw.next();
        let name = input.name.clone();
        inputs.add(&name, |declared| tensor(declared, input, raw))?;
    }
    let (inputs, shapes) = inputs.finish(equal)?;
    Ok(Call { id: Some(request.id), inputs, shapes, outputs, timeout })
}

fn timeout(request: &ModelInferRequest) -> Result<Option<Duration>, Refusal> {
    use ParameterChoice::{BoolParam, DoubleParam, Int64Param, StringParam, Uint64Param};
    let Some(parameter) = request.parameters.get("timeout") else { return Ok(None) };
    match &parameter.parameter_choice {
        Some(Int64Param(number)) => protocol::timeout(u64::try_from(*number).ok(), &number.to_string()),
        Some(Uint64Param(number)) => protocol::timeout(Some(*number), ""),
        Some(DoubleParam(number)) => protocol::timeout(None, &number.to_string()),
        Some(BoolParam(truth)) => protocol::timeout(None, &truth.to_string()),
        Some(StringParam(text)) => protocol::timeout(None, &format!("{text:?}")),
        None => protocol::timeout(None, "empty"),
    }
}

/// All outputs go out raw or none does: as the inputs came, but raw if one of them cannot go otherwise.
fn outputs(
    model: &service::Model,
    asked: &[InferRequestedOutputTensor],
    is_raw: bool,
) -> Result<Vec<(usize, bool)>, Refusal> {
    let mut outputs = Outputs::new(model);
    for output in asked {
        let has = |name: &str| output.parameters.contains_key(name);
        outputs.add(&output.name, has("classification") || has("shared_memory_region"), is_raw)?;
    }
    let mut outputs = outputs.finish(is_raw);
    let is_raw = is_raw || outputs.iter().any(|(index, _)| model.outputs[*index].datatype == DataType::Fp16);
    outputs.iter_mut().for_each(|(_, as_bytes)| *as_bytes = is_raw);
    Ok(outputs)
}

fn tensor(
    declared: &service::Tensor,
    input: InferInputTensor,
    raw: Option<Bytes>,
) -> Result<(TValue, Vec<usize>), Wrong> {
    fits_type(declared, &input.datatype)?;
    let shape = fit(declared, &input.shape)?;
    if input.parameters.contains_key("shared_memory_region") {
        return Err(NO_SHARED_MEMORY.into());
    }
    let tensor = match (raw, input.contents) {
        (Some(bytes), None) => elements::from_bytes(declared.datatype, &shape, &bytes),
        (None, Some(contents)) => typed(declared.datatype, &shape, &contents),
        (None, None) => Err("it has neither contents nor raw_input_contents".to_owned()),
        (Some(_), Some(_)) => Err("it has both contents and raw_input_contents".to_owned()),
    };
    Ok((tensor?.into_tvalue(), shape))
}

/// The field of the contents that holds elements of a type.
fn field(datatype: DataType) -> Option<&'static str> {
    Some(match datatype {
        DataType::Bool => "bool_contents",
        DataType::Int8 | DataType::Int16 | DataType::Int32 => "int_contents",
        DataType::Int64 => "int64_contents",
        DataType::Uint8 | DataType::Uint16 | DataType::Uint32 => "uint_contents",
        DataType::Uint64 => "uint64_contents",
        DataType::Fp32 => "fp32_contents",
        DataType::Fp64 => "fp64_contents",
        DataType::Bytes => "bytes_contents",
        DataType::Fp16 => return None,
    })
}

fn typed(datatype: DataType, shape: &[usize], contents: &InferTensorContents) -> Result<Tensor, String> {
    let c = contents;
    let lengths = [
        c.bool_contents.len(),
        c.int_contents.len(),
        c.int64_contents.len(),
        c.uint_contents.len(),
        c.uint64_contents.len(),
        c.fp32_contents.len(),
        c.fp64_contents.len(),
        c.bytes_contents.len(),
    ];
    let (used, tensor) = match datatype {
        DataType::Bool => (c.bool_contents.len(), same(shape, &c.bool_contents)),
        DataType::Int8 => (c.int_contents.len(), narrowed::<_, i8>(datatype, shape, &c.int_contents)),
        DataType::Int16 => (c.int_contents.len(), narrowed::<_, i16>(datatype, shape, &c.int_contents)),
        DataType::Int32 => (c.int_contents.len(), same(shape, &c.int_contents)),
        DataType::Int64 => (c.int64_contents.len(), same(shape, &c.int64_contents)),
        DataType::Uint8 => (c.uint_contents.len(), narrowed::<_, u8>(datatype, shape, &c.uint_contents)),
        DataType::Uint16 => (c.uint_contents.len(), narrowed::<_, u16>(datatype, shape, &c.uint_contents)),
        DataType::Uint32 => (c.uint_contents.len(), same(shape, &c.uint_contents)),
        DataType::Uint64 => (c.uint64_contents.len(), same(shape, &c.uint64_contents)),
        DataType::Fp32 => (c.fp32_contents.len(), same(shape, &c.fp32_contents)),
        DataType::Fp64 => (c.fp64_contents.len(), same(shape, &c.fp64_contents)),
        DataType::Bytes => {
            let texts = c.bytes_contents.iter().map(|bytes| &bytes[..]);
            (c.bytes_contents.len(), elements::from_texts(shape, texts))
        }
        DataType::Fp16 => (0, Err(String::new())),
    };
    let Some(field) = field(datatype) else {
        return Err(format!("{} goes only into raw_input_contents", datatype.name()));
    };
    if lengths.iter().sum::<usize>() != used {
        return Err(format!("the contents of {} go into {field}, and nothing into the other fields", datatype.name()));
    }
    tensor
}

fn same<T: Datum + Copy>(shape: &[usize], values: &[T]) -> Result<Tensor, String> {
    let needed = elements::count(shape)?;
    if needed != values.len() {
        let shape = shape_text(shape);
        return Err(format!("the shape {shape} needs {needed} elements, the contents have {}", values.len()));
    }
    Tensor::from_shape(shape, values).map_err(|error| error.to_string())
}

fn narrowed<W, T>(datatype: DataType, shape: &[usize], values: &[W]) -> Result<Tensor, String>
where
    W: Copy + std::fmt::Display,
    T: Datum + Copy + TryFrom<W>,
{
    let narrow = |(at, wide): (usize, &W)| {
        T::try_from(*wide).map_err(|_| format!("element {at} is {wide}, which is no {}", datatype.name()))
    };
    same(shape, &values.iter().enumerate().map(narrow).collect::<Result<Vec<T>, String>>()?)
}

fn response(
    model: &service::Model,
    version: &str,
    call: &Call,
    outputs: &[TValue],
) -> Result<ModelInferResponse, Refusal> {
    let mut response = ModelInferResponse {
        model_name: model.name.to_owned(),
        model_version: version.to_owned(),
        id: call.id.clone().unwrap_or_default(),
        ..Default::default()
    };
    for (index, as_bytes) in &call.outputs {
        let declared = &model.outputs[*index];
        let output = outputs.get(*index).ok_or_else(|| Refusal::internal("the engine returned too few outputs"))?;
        check_output(declared, output).map_err(Refusal::internal)?;
        let tensor = as_declared(output)?;
        let contents = if *as_bytes {
            let bytes = little_endian(declared.datatype, &tensor).into_owned();
            response.raw_output_contents.push(bytes.into());
            None
        } else {
            Some(contents(declared.datatype, &tensor).map_err(|error| Refusal::internal(error.to_string()))?)
        };
        response.outputs.push(InferOutputTensor {
            name: declared.name.to_owned(),
            datatype: declared.datatype.name().to_owned(),
            shape: tensor.shape().iter().map(|size| i64::try_from(*size).unwrap_or(i64::MAX)).collect(),
            contents,
            ..Default::default()
        });
    }
    Ok(response)
}

fn contents(datatype: DataType, tensor: &Tensor) -> tract_onnx::prelude::TractResult<InferTensorContents> {
    let mut out = InferTensorContents::default();
    let view = tensor.try_as_plain_ram()?;
    macro_rules! widened {
        ($from:ty, $to:ty) => {
            view.as_slice::<$from>()?.iter().map(|element| <$to>::from(*element)).collect()
        };
    }
    match datatype {
        DataType::Bool => out.bool_contents = widened!(bool, bool),
        DataType::Int8 => out.int_contents = widened!(i8, i32),
        DataType::Int16 => out.int_contents = widened!(i16, i32),
        DataType::Int32 => out.int_contents = widened!(i32, i32),
        DataType::Int64 => out.int64_contents = widened!(i64, i64),
        DataType::Uint8 => out.uint_contents = widened!(u8, u32),
        DataType::Uint16 => out.uint_contents = widened!(u16, u32),
        DataType::Uint32 => out.uint_contents = widened!(u32, u32),
        DataType::Uint64 => out.uint64_contents = widened!(u64, u64),
        // Where one is among the outputs, all go raw; see `outputs`.
        DataType::Fp16 => out.fp32_contents = widened!(f16, f32),
        DataType::Fp32 => out.fp32_contents = widened!(f32, f32),
        DataType::Fp64 => out.fp64_contents = widened!(f64, f64),
        DataType::Bytes => {
            let texts = view.as_slice::<String>()?;
            out.bytes_contents = texts.iter().map(|text| Bytes::copy_from_slice(text.as_bytes())).collect();
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    #[test]
    fn many_small_things_are_counted() {
        // Empty inputs, empty outputs, empty raw contents, and one input with empty parameters or empty strings.
        let nested = |inner: &[u8], times: usize| {
            let content = inner.repeat(times);
            let mut message = vec![0x2a];
            prost::encoding::encode_varint(content.len() as u64, &mut message);
            message.extend_from_slice(&content);
            message
        };
        let strings = |times: usize| {
            let content = [0x42, 0].repeat(times);
            let mut tensor = vec![0x2a];
            prost::encoding::encode_varint(content.len() as u64, &mut tensor);
            tensor.extend_from_slice(&content);
            nested(&tensor, 1)
        };
        type Maker<'a> = (&'a str, &'a dyn Fn(usize) -> Vec<u8>);
        let makers: [Maker; 5] = [
            ("inputs", &|times| [0x2a, 0].repeat(times)),
            ("outputs", &|times| [0x32, 0].repeat(times)),
            ("raw", &|times| [0x3a, 0].repeat(times)),
            ("parameters of an input", &|times| nested(&[0x22, 0], times)),
            ("strings", &strings),
        ];
        for (what, make) in makers {
            assert_eq!(few_entries(&make(MOST_ENTRIES - 2)), Ok(()), "{what}");
            assert!(ModelInferRequest::decode(&make(MOST_ENTRIES - 2)[..]).is_ok(), "{what}");
            assert!(few_entries(&make(MOST_ENTRIES + 1)).is_err(), "{what}");
        }
    }

    #[test]
    fn names_are_read_without_the_rest() {
        let request = ModelInferRequest {
            model_name: "m".into(),
            model_version: "2".into(),
            id: "é".into(),
            inputs: vec![InferInputTensor { name: "x".into(), ..Default::default() }],
            ..Default::default()
        };
        let named = Named { model: "m".into(), version: "2".into(), id: "é".into() };
        let mut message = request.encode_to_vec();
        assert_eq!(Named::of(&message), Ok(named));
        message.extend_from_slice(&[0x12, 1, b'3']);
        assert_eq!(Named::of(&message).unwrap().version, "3");
        assert_eq!(ModelInferRequest::decode(&message[..]).unwrap().model_version, "3");
        assert!(Named::of(&[0x12, 5, b'3']).is_err());
        assert_eq!(Named::of(&[0x78, 0].repeat(MOST_FIELDS)), Ok(Named::default()));
        assert!(Named::of(&[0x78, 0].repeat(MOST_FIELDS + 1)).is_err());
    }

    #[test]
    fn malformed_fields_are_refused() {
        for bytes in [
            &[0x2a, 5, 0][..],
            &[0x2a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
            &[0xff; 12],
            &[0x2b],
            &[0x0d, 1, 2],
            &[0x2a, 2, 0x2a, 9],
        ] {
            assert!(few_entries(bytes).is_err(), "{bytes:?}");
        }
        assert_eq!(few_entries(&[0x10, 0x96, 1, 0x19, 0, 0, 0, 0, 0, 0, 0, 0, 0x1d, 0, 0, 0, 0]), Ok(()));
    }

    #[test]
    fn contents_stand_in_the_field_of_their_type() {
        let contents = InferTensorContents { int_contents: vec![-128, 127], ..Default::default() };
        let tensor = typed(DataType::Int8, &[2], &contents).unwrap();
        assert_eq!(tensor.try_as_plain_ram().unwrap().as_slice::<i8>().unwrap(), [-128, 127]);
        assert!(typed(DataType::Uint8, &[2], &contents).unwrap_err().contains("uint_contents"));
        assert!(typed(DataType::Fp16, &[2], &contents).unwrap_err().contains("raw_input_contents"));
        assert!(typed(DataType::Int8, &[3], &contents).unwrap_err().contains("needs 3 elements"));
        assert!(typed(DataType::Int8, &[usize::MAX, 2], &contents).is_err());
        let wide = InferTensorContents { int_contents: vec![0, 128], ..Default::default() };
        assert_eq!(typed(DataType::Int8, &[2], &wide).unwrap_err(), "element 1 is 128, which is no INT8");
        let both = InferTensorContents { fp32_contents: vec![1.0], ..contents };
        assert!(typed(DataType::Int8, &[2], &both).unwrap_err().contains("nothing into the other fields"));
    }

    const fn declared(name: &'static str, datatype: DataType) -> service::Tensor {
        service::Tensor { name, datatype, shape: &[-1] }
    }

    #[test]
    fn all_outputs_go_raw_or_none() {
        const OUTPUTS: &[service::Tensor] = &[declared("half", DataType::Fp16), declared("whole", DataType::Fp32)];
        let model = service::Model { name: "m", versions: &[], shadow_sample: 0, inputs: &[], outputs: OUTPUTS };
        let asked = |name: &str| [InferRequestedOutputTensor { name: name.to_owned(), ..Default::default() }];
        assert_eq!(outputs(&model, &[], false).unwrap(), [(0, true), (1, true)]);
        assert_eq!(outputs(&model, &asked("half"), false).unwrap(), [(0, true)]);
        assert_eq!(outputs(&model, &asked("whole"), false).unwrap(), [(1, false)]);
        assert_eq!(outputs(&model, &asked("whole"), true).unwrap(), [(1, true)]);
    }

    #[test]
    fn what_goes_out_typed_comes_in_typed() {
        for datatype in DataType::ALL {
            // The bytes of two elements, none of which is alike.
            let mut bytes: Vec<u8> = match datatype.size() {
                Some(size) => (1..).take(2 * size).collect(),
                None => elements::to_prefixed(&["a".to_owned(), "\u{fc}".to_owned()]),
            };
            if datatype == DataType::Bool {
                bytes = vec![0, 1];
            }
            let tensor = elements::from_bytes(datatype, &[2], &bytes).unwrap();
            let back = typed(datatype, &[2], &contents(datatype, &tensor).unwrap());
            assert_eq!(back.is_ok(), datatype != DataType::Fp16, "{datatype:?}");
            assert!(back.is_err() || back.unwrap() == tensor, "{datatype:?}");
        }
    }
}
