//! The version that a model serves is one that it has.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::spec::Model;
use windlass_schemas::suggest::did_you_mean;

/// Reports a model without versions, and a `serve` that names none of them.
pub fn check(model: &Model, diags: &mut Diagnostics) {
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
