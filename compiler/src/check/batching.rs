//! Requests share runs only of models that take any number of rows, and wait for one another less than the timeout.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::spec::{Batching, Service};
use windlass_schemas::tensor::{Dim, Tensor};

use crate::models::Opened;

/// Reports a delay as long as the timeout, and tensors of the versions whose first dimension is not variable.
pub fn check(batching: &Batching, service: &Service, versions: &[&Opened], diags: &mut Diagnostics) {
    let (delay, timeout) = (&batching.max_delay, &service.timeout);
    if delay.value >= timeout.value {
        let message = format!("a request that waits `{}` for others is never answered in time", delay.value);
        let help = format!("make it shorter than the service's `timeout`, which is `{}`", timeout.value);
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, delay.span, message).help(help));
    }
    for version in versions {
        let signature = &version.served.signature;
        let Some(tensor) = signature.inputs.iter().chain(&signature.outputs).find(|tensor| !has_rows(tensor)) else {
            continue;
        };
        let (name, label) = (&version.served.name, &version.served.version);
        let message = format!(
            "requests can't share runs of the model `{name}`, whose version `{label}` takes and gives a fixed number of rows"
        );
        let diagnostic = Diagnostic::at(&codes::MODEL_MISMATCH, batching.span, message)
            .label(version.place(Some(&tensor.name)), "its first dimension is not variable")
            .help(
                "export the model with a variable first dimension of all inputs and outputs, or leave `batching` out",
            );
        diags.push(diagnostic);
    }
}

fn has_rows(tensor: &Tensor) -> bool {
    matches!(tensor.shape.first(), Some(Dim::Variable(_)))
}
