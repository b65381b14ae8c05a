//! A service's numbers go together, and with what its model takes.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::spec::{Service, Spec};
use windlass_schemas::units::{Bytes, Duration};

use super::scope::served_model;
use crate::models::Models;

/// The runtime with the smallest model does not start with less.
const LEAST_MEMORY: Bytes = Bytes(32 << 20);
/// The runtime keeps a plan for one row and one for many, each with the weights.
const PLANS: u64 = 2;
/// Kubernetes lets a pod take this long to stop in windlass's manifests; rollouts wait for it.
const LONGEST_DRAIN: Duration = Duration::from_seconds(120);

/// Reports numbers that contradict each other, or that nothing can run with.
pub fn check(service: &Service, spec: &Spec, models: &Models, diags: &mut Diagnostics) {
    check_memory(service, spec, models, diags);
    let mut refuse = |span, message: String, help: &str| {
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, span, message).help(help));
    };
    if service.resources.cpu.value.0 == 0 {
        refuse(service.resources.cpu.span, "a replica needs some CPU".to_owned(), "write \"100m\" or more");
    }
    if service.resources.memory.value < LEAST_MEMORY {
        let message = format!("`{}` is too little memory for any model", service.resources.memory.value);
        refuse(service.resources.memory.span, message, "write \"32Mi\" or more");
    }
    if service.timeout.value.0 == 0 {
        refuse(service.timeout.span, "no request can be answered in no time".to_owned(), "write \"1s\" or more");
    }
    if service.timeout.value > Duration::from_seconds(300) {
        let message = format!("a request of `{}` outlives every load balancer", service.timeout.value);
        refuse(service.timeout.span, message, "write \"5m\" or less");
    }
    if service.drain_delay.value > LONGEST_DRAIN {
        let message = format!("draining for `{}` holds up every rollout", service.drain_delay.value);
        refuse(service.drain_delay.span, message, "write \"2m\" or less");
    }
    if let Some(scaling) = &service.scaling {
        let (min, max) = (&scaling.min, &scaling.max);
        if min.value > max.value {
            let message = format!("`min` is {}, and `max` is {}", min.value.0, max.value.0);
            let diagnostic = Diagnostic::at(&codes::INVALID_VALUE, min.span, message)
                .label(max.span, "`max`")
                .help("make `min` at most `max`");
            diags.push(diagnostic);
        }
        let utilization = &scaling.target.utilization;
        if !(100..=10_000).contains(&utilization.value.0) {
            let message = format!("`{}` is no utilization to aim at", utilization.value);
            let help = "write a percentage from \"1%\" to \"100%\"";
            diags.push(Diagnostic::at(&codes::INVALID_VALUE, utilization.span, message).help(help));
        }
    }
}

/// The memory holds the runtime, the weights as often as they are kept, and the tensors of one row.
fn check_memory(service: &Service, spec: &Spec, models: &Models, diags: &mut Diagnostics) {
    let memory = &service.resources.memory;
    let Some(model) = served_model(service.name.value.as_ref(), spec, models) else { return };
    // With less than that, the memory itself is refused.
    if memory.value < LEAST_MEMORY {
        return;
    }
    let weights = model.cost.parameters.saturating_mul(PLANS);
    let tensors = model.cost.activations.unwrap_or(0);
    let needed = LEAST_MEMORY.0.saturating_add(weights).saturating_add(tensors);
    if memory.value.0 >= needed {
        return;
    }
    let message = format!(
        "`{}` can't hold the model `{}`, which needs at least {}",
        memory.value,
        model.served.name,
        mebibytes(needed)
    );
    let mut parts = vec![format!("{} for the runtime", mebibytes(LEAST_MEMORY.0))];
    if model.cost.parameters > 0 {
        parts.push(format!("{PLANS} times {} of weights", mebibytes(model.cost.parameters)));
    }
    if tensors > 0 {
        parts.push(format!("{} of tensors for one row", mebibytes(tensors)));
    }
    let help = format!("that is {}", parts.join(", "));
    let diagnostic =
        Diagnostic::at(&codes::MODEL_MEMORY, memory.span, message).label(model.place(None), "the model").help(help);
    diags.push(diagnostic);
}

/// Rounded up: `97Mi`.
fn mebibytes(bytes: u64) -> String {
    format!("{}Mi", bytes.div_ceil(1 << 20))
}
