//! The version that a model serves is one that it has, its versions go together, and its store is a bucket of the spec.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::plan::ServedModel;
use windlass_schemas::spec::texts::Signatures;
use windlass_schemas::spec::{Model, Spec};
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::tensor::{Dim, Tensor};

use crate::models::Models;

/// Reports a model without versions, a `serve` that names none of them, and versions with other signatures than the one served.
pub fn check(model: &Model, models: &Models, diags: &mut Diagnostics) {
    if model.signature.value == Signatures::Fixed {
        check_signatures(model, models, diags);
    }
    let labels: Vec<&str> = model.versions.iter().map(|version| version.label.as_ref()).collect();
    if labels.is_empty() {
        let message = format!("the model `{}` has no `version` block", model.name.value);
        let help = format!("add `version \"{}\" {{ file = \"….onnx\" }}`", model.serve.value);
        diags.push(Diagnostic::at(&codes::MISSING_BLOCK, model.span, message).help(help));
    } else if !labels.contains(&model.serve.value.as_str()) {
        let message = format!("the model `{}` has no version `{}`", model.name.value, model.serve.value);
        let help = did_you_mean(&model.serve, labels.iter().copied())
            .unwrap_or_else(|| format!("it has the versions `{}`", labels.join("`, `")));
        diags.push(Diagnostic::at(&codes::UNDEFINED_REFERENCE, model.serve.span, message).help(help));
    }
}

/// Reports a store in a bucket that the spec does not name: whoever runs the services may not read it.
pub fn check_store(model: &Model, spec: &Spec, diags: &mut Diagnostics) {
    let Some((store, bucket)) = model.store.as_ref().and_then(|store| Some((store, store.bucket()?))) else { return };
    let known = || spec.buckets.iter().map(|bucket| &*bucket.name.value.0);
    if known().any(|name| name == bucket) {
        return;
    }
    let message = format!("no `bucket` of the spec has the name `{bucket}`");
    let path = store.split_once(bucket).map_or("", |(_, path)| path);
    let help = match spec.buckets.first() {
        Some(first) => did_you_mean(bucket, known()).unwrap_or_else(|| {
            format!("write `\"${{bucket.{}.uri}}{path}\"`, or declare a bucket of that name", first.label.value)
        }),
        None => {
            format!("add `bucket \"models\" {{ name = \"{bucket}\" }}`, and write `\"${{bucket.models.uri}}{path}\"`")
        }
    };
    diags.push(Diagnostic::at(&codes::UNDEFINED_REFERENCE, store.span, message).help(help));
}

/// Every version is held against the one that is served, which clients know.
fn check_signatures(model: &Model, models: &Models, diags: &mut Diagnostics) {
    let Some(served) = models.get(&model.name, &model.serve) else { return };
    for version in model.versions.iter().filter(|version| version.label.as_ref() != model.serve.value) {
        let Some(other) = models.get(&model.name, &version.label) else { continue };
        let Some((what, tensor)) = difference(&other.served, &served.served) else { continue };
        let message = format!(
            "the versions `{}` and `{}` of `{}` differ: {what}",
            other.served.version, served.served.version, model.name.value
        );
        let diagnostic = Diagnostic::at(&codes::MODEL_SIGNATURES, version.file.span, message)
            .label(served.place(tensor.as_deref()), format!("what version `{}` declares", served.served.version))
            .help(
                "export it with the same names, types and shapes, or write `signature = \"may change\"` in the model",
            );
        diags.push(diagnostic);
    }
}

/// The first difference that a client would notice, and the tensor of the served version that it concerns. Names of variable
/// dimensions are the exporter's.
fn difference(other: &ServedModel, served: &ServedModel) -> Option<(String, Option<String>)> {
    let (ours, theirs) = (&other.signature, &served.signature);
    let has = |one: &ServedModel, role: &str, tensor: &Tensor, without: &ServedModel| {
        format!("version `{}` has the {role} `{}`, version `{}` does not", one.version, tensor.name, without.version)
    };
    for (role, ours, theirs) in [("input", &ours.inputs, &theirs.inputs), ("output", &ours.outputs, &theirs.outputs)] {
        for tensor in theirs {
            let name = Some(tensor.name.clone());
            let Some(own) = ours.iter().find(|own| own.name == tensor.name) else {
                return Some((has(served, role, tensor, other), name));
            };
            if own.datatype != tensor.datatype || !same_shape(own, tensor) {
                return Some((format!("the {role} is `{own}` in one, `{tensor}` in the other"), name));
            }
        }
        if let Some(new) = ours.iter().find(|own| theirs.iter().all(|tensor| tensor.name != own.name)) {
            return Some((has(other, role, new, served), None));
        }
    }
    None
}

fn same_shape(one: &Tensor, other: &Tensor) -> bool {
    let same = |pair: (&Dim, &Dim)| match pair {
        (Dim::Fixed(one), Dim::Fixed(other)) => one == other,
        (Dim::Variable(_), Dim::Variable(_)) => true,
        _ => false,
    };
    one.shape.len() == other.shape.len() && one.shape.iter().zip(&other.shape).all(same)
}
