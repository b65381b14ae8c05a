//! An ONNX file: bytes in, what the model declares, costs and uses that the engine lacks out. Weights are skipped.
//!
//! Field numbers are those of onnx.proto3 (IR version 14). The compiler does not link the inference engine: reading the
//! header of a model of 100 MB this way takes well under a millisecond.

use std::collections::BTreeSet;

use windlass_schemas::tensor::{Cost, DataType, Dim, Signature, Tensor};

use super::audit::{self, Finding};
use super::cost;
use super::graph::{Graph, Node};
use super::protobuf::{Malformed, Wire, fields};
use super::shapes;

/// What a file says about its model.
#[derive(Debug, Default)]
pub struct Header {
    /// What it takes and gives.
    pub signature: Signature,
    /// What it takes to run.
    pub cost: Cost,
    /// The classes that a stripped ZipMap named, in the order of the output's columns.
    pub classes: Vec<String>,
    /// What the engine cannot run, or would compute wrongly.
    pub findings: Vec<Finding>,
}

/// Why a file can't be served.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong, as a phrase about "the file".
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Refusal {
    fn new(message: impl Into<String>, help: &str) -> Self {
        Refusal { message: message.into(), help: (!help.is_empty()).then(|| help.to_owned()) }
    }
}

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Self {
        if malformed.truncated {
            Refusal::new("the file ends in the middle: it is truncated", "copy or export it again")
        } else {
            not_onnx()
        }
    }
}

fn not_onnx() -> Refusal {
    Refusal::new("the file is not an ONNX model", "export the model to ONNX")
}

/// Reads the bytes of an ONNX file.
pub fn read(bytes: &[u8]) -> Result<Header, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::new("the file is empty", "copy or export it again"));
    }
    let (mut ir_version, mut graph) = (0, None);
    for field in fields(bytes) {
        let field = match field {
            Ok(field) => field,
            // What does not begin as a model does is something else, whatever its end looks like.
            Err(_) if ir_version == 0 => return Err(not_onnx()),
            Err(malformed) => return Err(malformed.into()),
        };
        match (field.number, field.value) {
            (1, Wire::Varint(version)) => ir_version = version,
            (7, Wire::Bytes(message)) => graph = Some(message),
            // Every field of ModelProto; any other number means that this is something else.
            (1..=8 | 14 | 20 | 25 | 26, _) => {}
            _ => return Err(not_onnx()),
        }
    }
    match graph {
        Some(graph) if ir_version > 0 => read_graph(graph),
        Some(_) => Err(Refusal::new("the file is not an ONNX model: it has no IR version", "export the model to ONNX")),
        None => Err(Refusal::new("the file is not an ONNX model: it has no graph", "export the model to ONNX")),
    }
}

/// GraphProto: initializer 5, input 11, output 12.
fn read_graph(message: &[u8]) -> Result<Header, Refusal> {
    let mut initializers = BTreeSet::new();
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    for field in fields(message) {
        let field = field?;
        match field.number {
            5 => {
                initializers.insert(read_initializer(field.value.bytes())?);
            }
            11 => inputs.push(field.value.bytes()),
            12 => outputs.push(field.value.bytes()),
            _ => {}
        }
    }
    let graph = Graph::read(message)?;
    let mut signature = Signature::default();
    for input in inputs {
        // Before IR version 4, every initializer is an input, too.
        if !initializers.contains(&value_name(input)?) {
            signature.inputs.push(read_value(input, "input")?);
        }
    }
    let batch = signature.inputs.first().and_then(|input| input.shape.first()).cloned();
    let mut classes = Vec::new();
    for output in outputs {
        let name = value_name(output)?;
        let maker = graph.nodes.iter().find(|node| node.outputs.contains(&name.as_str()));
        if let Some(node) = maker.filter(|node| node.operator == "ZipMap") {
            classes = labels(node);
            let columns = Dim::Fixed(classes.len() as u64);
            let rows = batch.clone().unwrap_or(Dim::Variable(String::new()));
            signature.outputs.push(Tensor { name, datatype: DataType::Fp32, shape: vec![rows, columns] });
            continue;
        }
        let mut tensor = read_value(output, "output")?;
        // Some exporters of tabular models declare one row whatever the model takes.
        if let (Some(first), Some(batch @ Dim::Variable(_))) = (tensor.shape.first_mut(), &batch)
            && *first == Dim::Fixed(1)
            && is_tabular(&graph, &tensor.name)
        {
            *first = batch.clone();
        }
        signature.outputs.push(tensor);
    }
    if signature.inputs.is_empty() || signature.outputs.is_empty() {
        let what = if signature.inputs.is_empty() { "inputs" } else { "outputs" };
        return Err(Refusal::new(format!("the model has no {what}"), "export a model that computes something"));
    }
    check_names(&signature.inputs, "input")?;
    check_names(&signature.outputs, "output")?;
    let values = shapes::derive(&graph);
    Ok(Header { signature, cost: cost::cost(&graph, &values), classes, findings: audit::audit(&graph, &values) })
}

/// The classes of a ZipMap, which are its map's keys.
fn labels(node: &Node) -> Vec<String> {
    let numbers = node.integers("classlabels_int64s");
    if !numbers.is_empty() {
        return numbers.iter().map(i64::to_string).collect();
    }
    let texts = node.attribute("classlabels_strings").map(|labels| labels.texts()).unwrap_or_default();
    texts.into_iter().map(str::to_owned).collect()
}

/// Whether a tensor comes from a classifier or regressor of `ai.onnx.ml`, with at most casts in between: they make a row for each row.
fn is_tabular(graph: &Graph, name: &str) -> bool {
    let mut name = name;
    // In the order of the file, makers stand before takers.
    for node in graph.nodes.iter().rev().filter(|node| !node.outputs.is_empty()) {
        if !node.outputs.contains(&name) {
            continue;
        }
        match (node.operator.as_str(), node.inputs.first()) {
            ("Identity" | "Cast", Some(input)) => name = input,
            (operator, _) => return operator.ends_with("Classifier") || operator.ends_with("Regressor"),
        }
    }
    false
}

/// Requests and answers name their tensors: each has a name of its own.
fn check_names(tensors: &[Tensor], role: &str) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    for tensor in tensors {
        if tensor.name.is_empty() {
            return Err(Refusal::new(
                format!("an {role} has no name"),
                "export the model with the names of its tensors",
            ));
        }
        if !seen.insert(&tensor.name) {
            let message = format!("two {role}s have the name `{}`", tensor.name);
            return Err(Refusal::new(message, "export the model with a different name for each tensor"));
        }
    }
    Ok(())
}

/// TensorProto: name 8, data_location 14 (1 is EXTERNAL). Returns the name.
fn read_initializer(tensor: &[u8]) -> Result<String, Refusal> {
    let mut name = String::new();
    let mut external = false;
    for field in fields(tensor) {
        let field = field?;
        match field.number {
            8 => name = field.value.text(),
            14 => external = field.value.number() == 1,
            _ => {}
        }
    }
    if external {
        return Err(Refusal::new(
            format!("the weights of `{name}` are stored in another file"),
            "save the model as one file (in Python: `onnx.save(model, path, save_as_external_data=False)`)",
        ));
    }
    Ok(name)
}

/// ValueInfoProto: name 1.
fn value_name(value: &[u8]) -> Result<String, Refusal> {
    let mut name = String::new();
    for field in fields(value) {
        let field = field?;
        if field.number == 1 {
            name = field.value.text();
        }
    }
    Ok(name)
}

/// ValueInfoProto: name 1, type 2.
fn read_value(value: &[u8], role: &str) -> Result<Tensor, Refusal> {
    let name = value_name(value)?;
    for field in fields(value) {
        let field = field?;
        if field.number == 2 {
            return read_type(field.value.bytes(), role, name);
        }
    }
    Err(Refusal::new(format!("the {role} `{name}` has no type"), "export the model with the types of its tensors"))
}

/// TypeProto: tensor_type 1, sequence_type 4, map_type 5, sparse_tensor_type 8, optional_type 9.
fn read_type(ty: &[u8], role: &str, name: String) -> Result<Tensor, Refusal> {
    for field in fields(ty) {
        let field = field?;
        let other = match field.number {
            1 => return read_tensor(field.value.bytes(), role, name),
            4 => "a sequence",
            5 => "a map",
            8 => "a sparse tensor",
            9 => "optional",
            _ => continue,
        };
        return Err(Refusal::new(
            format!("the {role} `{name}` is {other}, not a tensor"),
            "export the model with tensors only (for scikit-learn classifiers: `options={\"zipmap\": False}`)",
        ));
    }
    Err(Refusal::new(format!("the {role} `{name}` has no type"), "export the model with the types of its tensors"))
}

/// TypeProto.Tensor: elem_type 1, shape 2.
fn read_tensor(tensor: &[u8], role: &str, name: String) -> Result<Tensor, Refusal> {
    let (mut element, mut shape) = (0, None);
    for field in fields(tensor) {
        let field = field?;
        match field.number {
            1 => element = field.value.number(),
            2 => shape = Some(field.value.bytes()),
            _ => {}
        }
    }
    let Some(datatype) = datatype(element) else {
        let message =
            format!("the {role} `{name}` has elements of type {}, which can't be served", audit::type_name(element));
        let help = "convert them outside of the model, or cast them to a plain numeric type";
        return Err(Refusal::new(message, help));
    };
    let Some(shape) = shape else {
        let message = format!("the {role} `{name}` has no shape");
        return Err(Refusal::new(message, "export the model with the shapes of its tensors"));
    };
    let mut dims = Vec::new();
    for field in fields(shape) {
        let field = field?;
        if field.number == 1 {
            dims.push(read_dim(field.value.bytes())?);
        }
    }
    Ok(Tensor { name, datatype, shape: dims })
}

/// TensorShapeProto.Dimension: dim_value 1, dim_param 2. Exporters also write -1 or 0 for a dimension of any size.
fn read_dim(dim: &[u8]) -> Result<Dim, Refusal> {
    let mut read = Dim::Variable(String::new());
    for field in fields(dim) {
        let field = field?;
        match field.number {
            1 if (1..=i64::MAX as u64).contains(&field.value.number()) => read = Dim::Fixed(field.value.number()),
            2 => read = Dim::Variable(field.value.text()),
            _ => {}
        }
    }
    Ok(read)
}

/// TensorProto.DataType, as far as the engine and the protocol both have it.
fn datatype(element: u64) -> Option<DataType> {
    Some(match element {
        1 => DataType::Fp32,
        2 => DataType::Uint8,
        3 => DataType::Int8,
        4 => DataType::Uint16,
        5 => DataType::Int16,
        6 => DataType::Int32,
        7 => DataType::Int64,
        8 => DataType::Bytes,
        9 => DataType::Bool,
        10 => DataType::Fp16,
        11 => DataType::Fp64,
        12 => DataType::Uint32,
        13 => DataType::Uint64,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(number: u32, bytes: &[u8]) -> Vec<u8> {
        let mut out = vec![(number << 3 | 2) as u8];
        let mut length = bytes.len();
        while length >= 0x80 {
            out.push(length as u8 | 0x80);
            length >>= 7;
        }
        out.push(length as u8);
        out.extend(bytes);
        out
    }

    fn value(name: &str, element: u8, dims: &[&[u8]]) -> Vec<u8> {
        let shape: Vec<u8> = dims.iter().flat_map(|dim| message(1, dim)).collect();
        let tensor = [vec![8, element], message(2, &shape)].concat();
        [message(1, name.as_bytes()), message(2, &message(1, &tensor))].concat()
    }

    fn model(graph: &[u8]) -> Vec<u8> {
        [vec![8, 9], message(7, graph)].concat()
    }

    #[test]
    fn reads_names_types_and_shapes() {
        let named = message(2, b"N");
        let graph = [
            message(5, &message(8, b"w")),
            message(11, &value("x", 1, &[&named, &[8, 16]])),
            message(11, &value("w", 1, &[&[8, 16]])),
            message(12, &value("y", 7, &[&[]])),
        ]
        .concat();
        let read = read(&model(&graph)).map(|header| header.signature.to_string());
        assert_eq!(read.as_deref(), Ok("input  x: FP32[N, 16]\noutput y: INT64[?]\n"));
    }

    #[test]
    fn every_cut_is_refused_or_still_a_whole_header() {
        let graph = [message(11, &value("x", 1, &[&[8, 1]])), message(12, &value("y", 1, &[&[8, 1]]))].concat();
        let whole = model(&graph);
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_err(), "cut at {end}");
        }
        assert!(read(&whole).is_ok());
    }

    #[test]
    fn other_files_are_refused() {
        for bytes in [&b"\x89PNG\r\n\x1a\n"[..], b"hello, world", b"{}", &[0; 64], &[0xff; 64]] {
            assert!(read(bytes).is_err_and(|refusal| refusal.message.contains("not an ONNX model")), "{bytes:?}");
        }
        let nameless = [message(11, &value("", 1, &[&[8, 1]])), message(12, &value("y", 1, &[&[8, 1]]))].concat();
        assert!(read(&model(&nameless)).is_err_and(|refusal| refusal.message.contains("no name")));
        let y = message(12, &value("y", 1, &[&[8, 1]]));
        let twice = [message(11, &value("x", 1, &[&[8, 1]])), y.clone(), y].concat();
        assert!(read(&model(&twice)).is_err_and(|refusal| refusal.message.contains("two outputs")));
        let odd = [message(11, &value("t", 16, &[&[8, 1]])), message(12, &value("y", 1, &[&[8, 1]]))].concat();
        assert!(read(&model(&odd)).is_err_and(|refusal| refusal.message.contains("BFLOAT16")));
    }
}
