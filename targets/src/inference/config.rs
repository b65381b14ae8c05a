//! A service as `windlass-server` takes it: the facts that a generated crate has as constants, and settings, as JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use windlass_schemas::plan::{ServedModel, Service};
use windlass_schemas::tensor::{Signature, Tensor};
use windlass_schemas::units::Percent;

use super::{shape, versions};

/// Environment variables, by the names in [`names`](super::names).
pub type Settings = BTreeMap<String, String>;

/// A service whose files lie where the project has them; `WINDLASS_MODEL_PATH` is the project's folder.
pub fn of_service(service: &Service, settings: &Settings) -> Value {
    let version = |version: &super::VersionConstant| {
        json!({
            "version": version.label,
            "file": version.source,
            "sha256": version.sha256,
            "traffic": percent(version.traffic),
            "shadow": version.shadow,
            "golden": version.golden.as_ref().map(|golden| json!({ "file": golden.source, "sha256": golden.sha256 })),
        })
    };
    let versions = versions(service).iter().map(version).collect();
    let model = &service.model;
    document(&service.name, &model.name, versions, service.shadow_sample, &model.signature, settings)
}

/// A service of this version alone, likewise.
pub fn of_version(model: &ServedModel, settings: &Settings) -> Value {
    let version = json!({ "version": model.version, "file": model.file, "sha256": model.sha256 });
    document(&model.name, &model.name, vec![version], Percent(0), &model.signature, settings)
}

fn document(
    name: &str,
    model: &str,
    versions: Vec<Value>,
    shadow_sample: Percent,
    signature: &Signature,
    settings: &Settings,
) -> Value {
    json!({
        "name": name,
        "model": {
            "name": model,
            "versions": versions,
            "shadow_sample": percent(shadow_sample.0),
            "inputs": tensors(&signature.inputs),
            "outputs": tensors(&signature.outputs),
        },
        "settings": settings,
    })
}

/// Hundredths of a percent, in percent.
fn percent(hundredths: u64) -> f64 {
    hundredths as f64 / 100.0
}

fn tensors(tensors: &[Tensor]) -> Vec<Value> {
    let tensor = |t: &Tensor| json!({ "name": t.name, "datatype": t.datatype.name(), "shape": shape(t) });
    tensors.iter().map(tensor).collect()
}
