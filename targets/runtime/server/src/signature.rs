//! The bytes of an ONNX file -> what it says of itself: inputs, outputs, and how many bytes its parameters take.

use prost::Message;
use tract_onnx::pb;
use windlass_runtime::{DataType, Model, Tensor, Version};

use crate::config::{keep, keep_tensor};

pub struct Signature {
    pub inputs: Vec<Tensor>,
    pub outputs: Vec<Tensor>,
    pub parameter_bytes: u64,
}

/// onnx.proto3, TensorProto.DataType.
fn datatype(number: i32) -> Option<DataType> {
    Some(match number {
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

pub fn read(bytes: &[u8]) -> Result<Signature, String> {
    let proto = pb::ModelProto::decode(bytes).map_err(|error| format!("the model file is not ONNX: {error}"))?;
    let graph = proto.graph.ok_or("the model file is not ONNX, or it was cut short: it holds no graph")?;
    let is_constant = |name: &str| graph.initializer.iter().any(|tensor| tensor.name == name);
    let inputs: Result<Vec<Tensor>, String> =
        graph.input.iter().filter(|value| !is_constant(&value.name)).map(|value| tensor(value, "input")).collect();
    let outputs: Result<Vec<Tensor>, String> = graph.output.iter().map(|value| tensor(value, "output")).collect();
    let bytes_of = |tensor: &pb::TensorProto| {
        let elements = tensor.dims.iter().map(|dim| u64::try_from(*dim).unwrap_or(0));
        let size = datatype(tensor.data_type).and_then(DataType::size).unwrap_or(1) as u64;
        elements.fold(size, u64::saturating_mul)
    };
    let parameter_bytes = graph.initializer.iter().map(bytes_of).fold(0, u64::saturating_add);
    Ok(Signature { inputs: inputs?, outputs: outputs?, parameter_bytes })
}

fn tensor(value: &pb::ValueInfoProto, role: &str) -> Result<Tensor, String> {
    let unfit = |what: &str| format!("{role} `{}` {what}", value.name);
    let declared = match value.r#type.as_ref().and_then(|declared| declared.value.as_ref()) {
        Some(pb::type_proto::Value::TensorType(declared)) => declared,
        _ => return Err(unfit("is no tensor")),
    };
    let datatype = datatype(declared.elem_type).ok_or_else(|| unfit("has elements of a type that is not served"))?;
    let shape = declared.shape.as_ref().ok_or_else(|| unfit("has no shape"))?;
    let size = |dim: &pb::tensor_shape_proto::Dimension| match dim.value {
        Some(pb::tensor_shape_proto::dimension::Value::DimValue(size)) if size > 0 => size,
        _ => -1,
    };
    Ok(keep_tensor(&value.name, datatype, shape.dim.iter().map(size).collect()))
}

impl Signature {
    /// The model of this file, kept for as long as the process lives.
    pub fn model(self, file: &str, sha256: &str) -> &'static Model {
        Box::leak(Box::new(Model {
            name: "model",
            versions: Box::leak(Box::new([Version::only("1", keep(file), keep(sha256))])),
            shadow_sample: 0,
            inputs: Box::leak(self.inputs.into_boxed_slice()),
            outputs: Box::leak(self.outputs.into_boxed_slice()),
        }))
    }
}
