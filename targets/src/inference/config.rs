//! A service as `windlass-server` takes it: the facts that a generated crate has as constants, and settings, as JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Value, json};
use windlass_schemas::plan::{ServedModel, Service};
use windlass_schemas::tensor::{Signature, Tensor};
use windlass_schemas::units::Percent;

use super::{VersionConstant, shape, versions};

/// Environment variables, by the names in [`names`](super::names).
pub type Settings<'a> = BTreeMap<&'static str, Cow<'a, str>>;

/// A service whose files lie where the project has them; `WINDLASS_MODEL_PATH` is the project's folder.
pub fn in_project(service: &Service, settings: &Settings) -> Value {
    let version = |version: &VersionConstant| {
        let golden = version.golden.as_ref().map(|golden| (golden.source, golden.sha256));
        entry(version, version.source, golden)
    };
    of_service(service, versions(service).iter().map(version).collect(), settings)
}

/// A service whose files lie where the image carries them. What differs between environments is set by the process's own.
pub fn in_image(service: &Service) -> Value {
    let version = |version: &VersionConstant| {
        let golden = version.golden.as_ref().map(|golden| (golden.file.as_str(), golden.sha256));
        entry(version, &version.file, golden)
    };
    of_service(service, versions(service).iter().map(version).collect(), &Settings::new())
}

fn of_service(service: &Service, versions: Vec<Value>, settings: &Settings) -> Value {
    let model = &service.model;
    document(&service.name, &model.name, versions, service.shadow_sample, &model.signature, settings)
}

fn entry(version: &VersionConstant, file: &str, golden: Option<(&str, &str)>) -> Value {
    json!({
        "version": version.label,
        "file": file,
        "sha256": version.sha256,
        "traffic": percent(version.traffic),
        "shadow": version.shadow,
        "golden": golden.map(|(file, sha256)| json!({ "file": file, "sha256": sha256 })),
    })
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
