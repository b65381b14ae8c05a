//! A service's numbers go together.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::spec::{Service, Spec};
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::units::{Bytes, Duration, Percent};

use crate::models::Models;

/// The runtime with the smallest model does not start with less.
const LEAST_MEMORY: Bytes = Bytes(32 << 20);
/// Kubernetes lets a pod take this long to stop in windlass's manifests; rollouts wait for it.
const LONGEST_DRAIN: Duration = Duration::from_seconds(120);

/// Reports numbers that contradict each other, or that nothing can run with.
pub fn check(service: &Service, diags: &mut Diagnostics) {
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
    let observe = service.observe.as_ref();
    let predictions = observe.and_then(|observe| observe.prediction_log.as_ref()).map(|log| &log.sample);
    let traces = observe.and_then(|observe| observe.traces.as_ref()).map(|traces| &traces.sample);
    for sample in predictions.into_iter().chain(traces) {
        if !(Percent(1)..=Percent(10_000)).contains(&sample.value) {
            let message = format!("`{}` is no share of the requests", sample.value);
            refuse(sample.span, message, "write a percentage up to \"100%\", or leave the block out");
        }
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

/// Reports names to redact that the model does not have: what they were meant for would stand in the log.
pub fn redacted(service: &Service, spec: &Spec, models: &Models, diags: &mut Diagnostics) {
    let log = service.observe.as_ref().and_then(|observe| observe.prediction_log.as_ref());
    let (Some(redact), Some(model)) = (
        log.and_then(|log| log.redact.as_ref()),
        spec.models.iter().find(|model| model.name.value.0 == service.model.value.0),
    ) else {
        return;
    };
    let Some(opened) = models.get(&model.name, &model.serve) else { return };
    let signature = &opened.served.signature;
    let known: Vec<&str> =
        signature.inputs.iter().chain(&signature.outputs).map(|tensor| tensor.name.as_str()).collect();
    for name in redact.value.iter().filter(|name| !known.contains(&name.as_str())) {
        let message = format!("the model has no input or output `{name}`");
        let help = did_you_mean(name, known.iter().copied());
        let help = help.unwrap_or_else(|| format!("the model has `{}`", known.join("`, `")));
        diags.push(Diagnostic::at(&codes::MODEL_MISMATCH, redact.span, message).help(help));
    }
}
