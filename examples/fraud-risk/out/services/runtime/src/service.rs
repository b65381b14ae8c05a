//! What a generated service declares about itself: constants in, everything else in this crate reads them.

/// Element types, as the Open Inference Protocol names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataType {
    Bool,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Int8,
    Int16,
    Int32,
    Int64,
    Fp16,
    Fp32,
    Fp64,
    /// Texts: the engine has strings of UTF-8.
    Bytes,
}

impl DataType {
    pub const ALL: [DataType; 13] = [
        DataType::Bool,
        DataType::Uint8,
        DataType::Uint16,
        DataType::Uint32,
        DataType::Uint64,
        DataType::Int8,
        DataType::Int16,
        DataType::Int32,
        DataType::Int64,
        DataType::Fp16,
        DataType::Fp32,
        DataType::Fp64,
        DataType::Bytes,
    ];

    /// The protocol's name, such as `FP32`.
    pub const fn name(self) -> &'static str {
        match self {
            DataType::Bool => "BOOL",
            DataType::Uint8 => "UINT8",
            DataType::Uint16 => "UINT16",
            DataType::Uint32 => "UINT32",
            DataType::Uint64 => "UINT64",
            DataType::Int8 => "INT8",
            DataType::Int16 => "INT16",
            DataType::Int32 => "INT32",
            DataType::Int64 => "INT64",
            DataType::Fp16 => "FP16",
            DataType::Fp32 => "FP32",
            DataType::Fp64 => "FP64",
            DataType::Bytes => "BYTES",
        }
    }

    /// Bytes of one element in the binary encoding; `None` where each has a length of its own.
    pub const fn size(self) -> Option<usize> {
        Some(match self {
            DataType::Bool | DataType::Uint8 | DataType::Int8 => 1,
            DataType::Uint16 | DataType::Int16 | DataType::Fp16 => 2,
            DataType::Uint32 | DataType::Int32 | DataType::Fp32 => 4,
            DataType::Uint64 | DataType::Int64 | DataType::Fp64 => 8,
            DataType::Bytes => return None,
        })
    }
}

/// What the Open Inference Protocol calls a model that came as an ONNX file.
pub const PLATFORM: &str = "onnx_onnxv1";

/// One input or output. A dimension of -1 may have any size from 1 up.
#[derive(Clone, Copy, Debug)]
pub struct Tensor {
    pub name: &'static str,
    pub datatype: DataType,
    pub shape: &'static [i64],
}

/// One version of a model.
#[derive(Clone, Copy, Debug)]
pub struct Version {
    /// What the protocol calls it, in `/versions/LABEL` and in `model_version`.
    pub label: &'static str,
    /// File name, looked for in the default model directory unless the environment says otherwise.
    pub file: &'static str,
    /// SHA-256 of the file, 64 lower-case hex digits.
    pub sha256: &'static str,
    /// Share of the requests that name no version, in hundredths of a percent; those of all versions are 10 000 together.
    pub traffic: u32,
    /// Gets copies of requests, and its answers go nowhere.
    pub shadow: bool,
    /// Pairs of inputs and outputs that must hold before it is served.
    pub golden: Option<Golden>,
}

/// A file of golden pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Golden {
    /// File name, looked for in the default model directory or beside the model.
    pub file: &'static str,
    /// SHA-256 of the file, 64 lower-case hex digits.
    pub sha256: &'static str,
}

impl Version {
    /// The only version of a model.
    pub const fn only(label: &'static str, file: &'static str, sha256: &'static str) -> Version {
        Version { label, file, sha256, traffic: ALL, shadow: false, golden: None }
    }
}

/// All requests, in hundredths of a percent.
pub const ALL: u32 = 10_000;

/// The model that a service serves. All of its versions take and give the same tensors, so one signature stands for all.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    pub name: &'static str,
    /// At least one.
    pub versions: &'static [Version],
    /// Share of the requests that shadow versions get copies of, in hundredths of a percent.
    pub shadow_sample: u32,
    pub inputs: &'static [Tensor],
    pub outputs: &'static [Tensor],
}

/// A generated service.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    pub name: &'static str,
    pub model: Model,
}

/// A shape as people write it: `[-1, 16]`.
pub(crate) fn shape_text<T: std::fmt::Display>(shape: &[T]) -> String {
    let dims: Vec<String> = shape.iter().map(T::to_string).collect();
    format!("[{}]", dims.join(", "))
}
