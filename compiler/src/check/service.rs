//! A service's numbers go together, and with what its model takes.

use std::collections::BTreeSet;

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::span::Spanned;
use windlass_schemas::spec::texts::Signatures;
use windlass_schemas::spec::{Model, Service};
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::units::{Duration, Percent};

use super::{batching, capacity};
use crate::models::{Models, Opened};

/// Kubernetes lets a pod take this long to stop in windlass's manifests; rollouts wait for it.
const LONGEST_DRAIN: Duration = Duration::from_seconds(120);

/// All requests.
const ALL: Percent = Percent(10_000);

/// Reports numbers that contradict each other, or that nothing can run with. `model` is what the service names, unless it
/// was refused.
pub fn check(service: &Service, model: Option<&Model>, models: &Models, diags: &mut Diagnostics) {
    if let Some(model) = model {
        versions(service, model, models, diags);
        let served = served(service, model, models);
        capacity::check(service, &served, diags);
        if let Some(batching) = &service.batching {
            batching::check(batching, service, &served, diags);
        }
        if let Some(served) = models.get(&model.name, &model.serve) {
            redacted(service, served, diags);
        }
    }
    let mut refuse = |span, message: String, help: &str| {
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, span, message).help(help));
    };
    if service.resources.cpu.value.0 == 0 {
        refuse(service.resources.cpu.span, "a replica needs some CPU".to_owned(), "write \"100m\" or more");
    }
    if service.resources.memory.value < capacity::LEAST_MEMORY {
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

/// The versions that a replica loads, those that could be opened: that in `serve` or those in `traffic`, and the shadow.
pub(crate) fn served<'a>(service: &Service, model: &Model, models: &'a Models) -> Vec<&'a Opened> {
    let shares = service.traffic.iter().flat_map(|traffic| &traffic.value.0).map(|(label, _)| label.value.as_str());
    let served = service.traffic.is_none().then_some(model.serve.value.as_str());
    let shadow = service.shadow.as_ref().map(|shadow| shadow.value.as_str());
    let labels: BTreeSet<&str> = shares.chain(served).chain(shadow).collect();
    labels.into_iter().filter_map(|label| models.get(&model.name, label)).collect()
}

/// Reports versions that the model lacks, that take or give something else than the one in `serve`, and shares that are not all.
fn versions(service: &Service, model: &Model, models: &Models, diags: &mut Diagnostics) {
    let labels = || model.versions.iter().map(|version| version.label.as_ref());
    let traffic = service.traffic.as_ref();
    let shares = || traffic.iter().flat_map(|traffic| &traffic.value.0);
    for label in shares().map(|(label, _)| label).chain(&service.shadow) {
        if !labels().any(|known| known == label.value) {
            let message = format!("the model `{}` has no version `{}`", model.name.value, label.value);
            let help = did_you_mean(label, labels())
                .unwrap_or_else(|| format!("it has the versions `{}`", labels().collect::<Vec<_>>().join("`, `")));
            diags.push(Diagnostic::at(&codes::UNDEFINED_REFERENCE, label.span, message).help(help));
        } else if model.signature.value == Signatures::MayChange {
            // Where it may not, all versions of the model are held against each other already.
            same_signature(label, model, models, diags);
        }
    }
    if let Some(traffic) = traffic {
        let total = shares().fold(0_u64, |total, (_, share)| total.saturating_add(share.value.0));
        if total != ALL.0 {
            let message = format!("the shares in `traffic` are {} together", Percent(total));
            let help = "make them 100% together";
            diags.push(Diagnostic::at(&codes::INVALID_VALUE, traffic.span, message).help(help));
        }
    }
    if let Some(shadow) = &service.shadow {
        let answers = |label: &str| match traffic {
            Some(_) => shares().any(|(known, _)| known.value == label),
            None => model.serve.value == label,
        };
        if answers(&shadow.value) {
            let message = format!("the version `{}` answers requests, and can't be their shadow", shadow.value);
            let help = "name another version in `shadow`, or leave it out";
            diags.push(Diagnostic::at(&codes::INVALID_VALUE, shadow.span, message).help(help));
        }
    }
    if service.shadow_sample.value > ALL {
        let message = format!("`{}` is more than all requests", service.shadow_sample.value);
        let help = "write a percentage from \"0%\" to \"100%\"";
        diags.push(Diagnostic::at(&codes::INVALID_VALUE, service.shadow_sample.span, message).help(help));
    }
}

/// Callers do not know which version answers them, so all must take and give the same.
fn same_signature(label: &Spanned<String>, model: &Model, models: &Models, diags: &mut Diagnostics) {
    let opened = |version: &str| models.get(&model.name, version);
    let (Some(this), Some(served)) = (opened(&label.value), opened(&model.serve)) else { return };
    if this.served.signature != served.served.signature {
        let message = format!(
            "version `{}` of the model `{}` does not take and give what version `{}` does",
            label.value, model.name.value, model.serve.value
        );
        let diagnostic = Diagnostic::at(&codes::MODEL_MISMATCH, label.span, message)
            .label(this.all(), format!("version `{}`", label.value))
            .label(served.all(), format!("version `{}`", model.serve.value))
            .help("versions that are served side by side need the same names, types and shapes; serve this one as another service");
        diags.push(diagnostic);
    }
}

/// Reports names to redact that the model does not have: what they were meant for would stand in the log.
fn redacted(service: &Service, model: &Opened, diags: &mut Diagnostics) {
    let log = service.observe.as_ref().and_then(|observe| observe.prediction_log.as_ref());
    let Some(redact) = log.and_then(|log| log.redact.as_ref()) else { return };
    let signature = &model.served.signature;
    let known: Vec<&str> =
        signature.inputs.iter().chain(&signature.outputs).map(|tensor| tensor.name.as_str()).collect();
    for name in redact.value.iter().filter(|name| !known.contains(&name.as_str())) {
        let message = format!("the model has no input or output `{name}`");
        let help = did_you_mean(name, known.iter().copied());
        let help = help.unwrap_or_else(|| format!("the model has `{}`", known.join("`, `")));
        diags.push(Diagnostic::at(&codes::MODEL_MISMATCH, redact.span, message).help(help));
    }
}
