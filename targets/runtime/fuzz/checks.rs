//! What must hold of any bytes that come from outside, for each fuzz target; `runtime/tests/found.rs` holds the cases found to it.
#![allow(dead_code, reason = "a fuzz target uses one of these")]

#[allow(clippy::enum_variant_names, reason = "generated, and a part of it is used")]
#[path = "../runtime/src/grpc/protocol/inference.rs"]
#[rustfmt::skip]
mod oip;

#[path = "answers.rs"]
mod answers;
#[path = "../server/src/config.rs"]
mod config;
#[path = "../server/src/dataset.rs"]
mod dataset;
mod numbers;

use std::sync::OnceLock;

use bytes::Bytes;
use oip::ModelInferRequest;
use oip::model_infer_request::{InferInputTensor, InferRequestedOutputTensor};
use prost::Message;
use serde_json::{Value, json};
use windlass_runtime::fuzzing::{Decoded, Refused, Subject};
use windlass_runtime::{DataType, Model, Service, Settings, Tensor, Version, names};

/// More than any target is given, and less than what a request could make the runtime take.
const LIMIT: usize = 64 * 1024;

const fn tensor(name: &'static str, datatype: DataType, shape: &'static [i64]) -> Tensor {
    Tensor { name, datatype, shape }
}

const fn service(name: &'static str, inputs: &'static [Tensor], outputs: &'static [Tensor]) -> Service {
    const VERSIONS: &[Version] = &[Version::only("1", "model.onnx", "")];
    Service { name, model: Model { name, versions: VERSIONS, shadow_sample: 0, inputs, outputs } }
}

macro_rules! of_each_type {
    ($shape:expr, $($datatype:ident = $in:literal, $out:literal;)+) => {
        (&[$(tensor($in, DataType::$datatype, &[2])),+], &[$(tensor($out, DataType::$datatype, &[4])),+])
    };
}

/// As the fixtures of the runtime's tests.
const TYPES: (&[Tensor], &[Tensor]) = of_each_type! { [2],
    Bool = "in_BOOL", "out_BOOL"; Uint8 = "in_UINT8", "out_UINT8"; Uint16 = "in_UINT16", "out_UINT16";
    Uint32 = "in_UINT32", "out_UINT32"; Uint64 = "in_UINT64", "out_UINT64"; Int8 = "in_INT8", "out_INT8";
    Int16 = "in_INT16", "out_INT16"; Int32 = "in_INT32", "out_INT32"; Int64 = "in_INT64", "out_INT64";
    Fp16 = "in_FP16", "out_FP16"; Fp32 = "in_FP32", "out_FP32"; Fp64 = "in_FP64", "out_FP64"; Bytes = "in_BYTES", "out_BYTES";
};
static SERVICES: [(Service, &[u8]); 3] = [
    (
        service("m", &[tensor("x", DataType::Fp32, &[-1, 3])], &[tensor("y", DataType::Fp32, &[-1, 3])]),
        include_bytes!("../runtime/tests/fixtures/add-one.onnx"),
    ),
    (
        service(
            "m",
            &[tensor("a", DataType::Fp32, &[-1, 2]), tensor("b", DataType::Fp32, &[-1, -1])],
            &[tensor("sum", DataType::Fp32, &[-1, 2])],
        ),
        include_bytes!("../runtime/tests/fixtures/two-inputs.onnx"),
    ),
    (service("m", TYPES.0, TYPES.1), include_bytes!("../runtime/tests/fixtures/types.onnx")),
];

/// One of the services, loaded once.
fn subject(which: u8) -> (&'static Subject, &'static Model) {
    static SUBJECTS: [OnceLock<Subject>; 3] = [const { OnceLock::new() }; 3];
    let which = usize::from(which) % SERVICES.len();
    let (service, bytes) = &SERVICES[which];
    let subject = SUBJECTS[which].get_or_init(|| {
        let settings = Settings::from_lookup(service, |name| {
            let value = match name {
                names::LOG => "error",
                names::ACCESS_LOG => "off",
                names::THREADS => "1",
                names::MAX_BODY_BYTES => return Ok(Some(LIMIT.to_string())),
                names::REPOSITORY_API => "on",
                _ => return Ok(None),
            };
            Ok(Some(value.to_owned()))
        });
        Subject::new(service, bytes.to_vec(), settings.expect("settings")).expect("a model")
    });
    (subject, &service.model)
}

/// An inference over REST: which model, then how the body is to be read, then the body. What is decoded fits the model, is what another
/// reader of JSON sees, and is the same when it is sent as bytes.
///
/// `h` gives the header of the binary extension, which is the text up to the end of the line; `g` and `d` a compressed body.
pub fn rest(bytes: &[u8]) {
    let [which, how, rest @ ..] = bytes else { return };
    let (subject, model) = subject(*which);
    let (header, encoding, body) = match how {
        b'h' => {
            let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            let Ok(header) = std::str::from_utf8(&rest[..end]) else { return };
            (Some(header), None, rest.get(end + 1..).unwrap_or_default())
        }
        b'g' => (None, Some("gzip"), rest),
        b'd' => (None, Some("deflate"), rest),
        _ => (None, None, rest),
    };
    let decoded = match subject.rest(body, header, encoding) {
        Ok(decoded) => decoded,
        Err(refused) => return precise(&refused),
    };
    fits(model, &decoded);
    if header.is_none() && encoding.is_none() {
        numbers::same_as_read_elsewhere(model, &decoded, body);
    }
    let (length, again) = as_bytes(model, &decoded);
    assert_eq!(subject.rest(&again, Some(&length), None), Ok(decoded), "not the same as bytes");
}

/// A `ModelInfer` call: which model, how it is compressed, where its body is cut in two, then the body. The cut changes nothing, what is
/// decoded fits the model, and is the same when it is sent raw.
pub fn grpc(bytes: &[u8]) {
    let [which, how, cut, body @ ..] = bytes else { return };
    let (subject, model) = subject(*which);
    let encoding = match how {
        b'g' => Some("gzip"),
        b'd' => Some("deflate"),
        b'x' => Some("br"),
        _ => None,
    };
    let (head, tail) = body.split_at(usize::from(*cut).min(body.len()));
    let whole = subject.grpc(vec![Bytes::copy_from_slice(body)], encoding);
    let cut = subject.grpc(vec![Bytes::copy_from_slice(head), Bytes::copy_from_slice(tail)], encoding);
    let bytewise = subject.grpc(body.chunks(1).map(Bytes::copy_from_slice).collect(), encoding);
    assert!(whole == cut && whole == bytewise, "the cut matters: {whole:?} {cut:?} {bytewise:?}");
    let decoded = match whole {
        Ok(decoded) => decoded,
        Err(refused) => return precise(&refused),
    };
    fits(model, &decoded);
    let again = as_message(model, &decoded);
    // Compressed it may have fit, or in a form that is shorter.
    if again.len() < LIMIT {
        assert_eq!(subject.grpc(vec![again], None), Ok(raw(decoded)), "not the same as a raw message");
    }
}

/// All that one peer sends: which model, then the bytes. What comes back is answers in HTTP/1, none of which says that something broke.
pub fn http(bytes: &[u8]) {
    let [which, sent @ ..] = bytes else { return };
    let (subject, _) = subject(*which);
    answers::well_formed(sent, &subject.http1(sent));
}

/// What operators write: golden pairs, a list of versions (`v`), the configuration of windlass-server (`s`), or a data set as CSV (`c`) or
/// NPY (`n`), by the first byte. What is taken is within its bounds.
pub fn files(bytes: &[u8]) {
    let [which, content @ ..] = bytes else { return };
    if *which == b'n' {
        return table(dataset::npy(content), None);
    }
    let Ok(text) = std::str::from_utf8(content) else { return };
    let told = |why: String| assert!(!why.is_empty() && why.len() < text.len() + 2_000, "{} bytes: {why}", why.len());
    match which {
        b'c' => table(dataset::csv(text), Some(text)),
        b's' => match config::Config::parse(text).and_then(|config| config.service()) {
            Ok(service) => {
                let versions = service.model.versions.iter();
                assert_eq!(versions.map(|version| u64::from(version.traffic)).sum::<u64>(), 10_000);
            }
            Err(why) => told(why),
        },
        b'v' => match subject(0).0.versions(text) {
            Ok(versions) => {
                let shares: u64 = versions.iter().map(|(_, share)| u64::from(*share)).sum();
                assert!((1..=64).contains(&versions.len()) && shares == 10_000, "{versions:?}");
                assert!(versions.iter().all(|(label, _)| (1..=128).contains(&label.len()) && !label.contains('/')));
            }
            Err(why) => told(why),
        },
        _ => match subject(*which).0.golden(text) {
            Ok(pairs) => assert!(pairs > 0),
            Err(why) => told(why),
        },
    }
}

/// A table is whole and holds numbers; what is wrong with a text stands in it.
fn table(read: Result<dataset::Table, dataset::Problem>, text: Option<&str>) {
    match read {
        Ok(table) => {
            assert!(table.rows() > 0 && table.rows() * table.columns.len() == table.numbers.len(), "{table:?}");
            assert!(table.numbers.iter().all(|number| number.is_finite()), "{table:?}");
        }
        Err(problem) => {
            let place = problem.at.clone().zip(text);
            assert!(place.is_none_or(|(at, text)| text.get(at).is_some()), "{problem:?} is no place");
        }
    }
}

/// A refusal is the caller's fault, and says why in a sentence that is no burden.
fn precise(refused: &Refused) {
    assert!((400..500).contains(&refused.status) || refused.status == 501, "{refused:?}");
    assert!(!refused.message.is_empty() && refused.message.chars().count() < 600, "long: {refused:?}");
}

/// What the engine may rely on.
fn fits(model: &Model, decoded: &Decoded) {
    assert_eq!(decoded.inputs.len(), model.inputs.len());
    for (declared, input) in model.inputs.iter().zip(&decoded.inputs) {
        let fits = |(size, dim): (&usize, &i64)| *size >= 1 && (*dim == -1 || *dim == *size as i64);
        let alike = input.shape.len() == declared.shape.len() && input.shape.iter().zip(declared.shape).all(fits);
        assert!(alike, "{:?} for {:?}", input.shape, declared.shape);
        let elements = numbers::split(declared.datatype, &input.bytes);
        let whole = declared.datatype.size().is_none_or(|size| elements.iter().all(|element| element.len() == size));
        assert!(
            elements.len() == input.shape.iter().product::<usize>() && whole,
            "{:?} for {:?}",
            input.bytes,
            input.shape
        );
        if declared.datatype == DataType::Bool {
            assert!(input.bytes.iter().all(|byte| *byte <= 1), "a truth value that is none: {:?}", input.bytes);
        }
    }
    if model.inputs.len() == 2 {
        assert_eq!(decoded.inputs[0].shape[0], decoded.inputs[1].shape[0], "one batch has two sizes");
    }
    let mut wanted: Vec<usize> = decoded.outputs.iter().map(|(index, _)| *index).collect();
    wanted.sort_unstable();
    wanted.dedup();
    assert!(
        !wanted.is_empty()
            && wanted.len() == decoded.outputs.len()
            && wanted.iter().all(|at| *at < model.outputs.len())
    );
}

/// The same request in the binary extension: the header's value, and the body.
fn as_bytes(model: &Model, decoded: &Decoded) -> (String, Vec<u8>) {
    let input = |(declared, input): (&Tensor, &windlass_runtime::fuzzing::Array)| {
        json!({ "name": declared.name, "shape": input.shape, "datatype": declared.datatype.name(),
            "parameters": { "binary_data_size": input.bytes.len() } })
    };
    let output = |(index, as_bytes): &(usize, bool)| json!({ "name": model.outputs[*index].name, "parameters": { "binary_data": as_bytes } });
    let mut head = json!({
        "inputs": model.inputs.iter().zip(&decoded.inputs).map(input).collect::<Vec<Value>>(),
        "outputs": decoded.outputs.iter().map(output).collect::<Vec<Value>>(),
    });
    if let Some(id) = &decoded.id {
        head["id"] = json!(id);
    }
    let mut body = head.to_string().into_bytes();
    let length = body.len().to_string();
    decoded.inputs.iter().for_each(|input| body.extend_from_slice(&input.bytes));
    (length, body)
}

/// The same request as a message with its prefix.
fn as_message(model: &Model, decoded: &Decoded) -> Bytes {
    let request = ModelInferRequest {
        model_name: model.name.to_owned(),
        id: decoded.id.clone().unwrap_or_default(),
        inputs: (model.inputs.iter().zip(&decoded.inputs))
            .map(|(declared, input)| InferInputTensor {
                name: declared.name.to_owned(),
                datatype: declared.datatype.name().to_owned(),
                shape: input.shape.iter().map(|size| *size as i64).collect(),
                ..Default::default()
            })
            .collect(),
        outputs: (decoded.outputs.iter())
            .map(|(index, _)| InferRequestedOutputTensor {
                name: model.outputs[*index].name.to_owned(),
                ..Default::default()
            })
            .collect(),
        raw_input_contents: decoded.inputs.iter().map(|input| input.bytes.clone().into()).collect(),
        ..Default::default()
    };
    let mut framed = vec![0];
    framed.extend_from_slice(&(request.encoded_len() as u32).to_be_bytes());
    framed.extend_from_slice(&request.encode_to_vec());
    framed.into()
}

/// Raw requests get raw answers.
fn raw(mut decoded: Decoded) -> Decoded {
    decoded.outputs.iter_mut().for_each(|(_, as_bytes)| *as_bytes = true);
    decoded
}
