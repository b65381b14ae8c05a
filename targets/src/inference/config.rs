//! A service as `windlass-server` takes it: the facts that a generated crate has as constants, and settings, as JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use windlass_schemas::plan::ServedModel;
use windlass_schemas::tensor::{Dim, Tensor};

use super::last_part;

/// The configuration of the service `name`; settings are by the names in [`names`](super::names).
pub fn config(name: &str, model: &ServedModel, settings: &BTreeMap<String, String>) -> Value {
    let golden = model.golden.as_ref();
    json!({
        "name": name,
        "model": {
            "name": model.name,
            "version": model.version,
            "file": last_part(&model.file),
            "sha256": model.sha256,
            "inputs": tensors(&model.signature.inputs),
            "outputs": tensors(&model.signature.outputs),
            "golden": golden.map(|golden| json!({ "file": last_part(&golden.file), "sha256": golden.sha256 })),
        },
        "settings": settings,
    })
}

fn tensors(tensors: &[Tensor]) -> Vec<Value> {
    let tensor = |t: &Tensor| json!({ "name": t.name, "datatype": t.datatype.name(), "shape": shape(t) });
    tensors.iter().map(tensor).collect()
}

/// The dimensions as the Open Inference Protocol writes them: -1 for any size.
pub fn shape(tensor: &Tensor) -> Vec<i64> {
    let size = |dim: &Dim| if let Dim::Fixed(size) = dim { *size as i64 } else { -1 };
    tensor.shape.iter().map(size).collect()
}
