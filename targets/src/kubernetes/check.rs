//! What a plan may hold and Kubernetes, or this target, cannot take.

use std::collections::BTreeMap;

use windlass_schemas::codes::{DUPLICATE_NAME, INVALID_VALUE, LIMIT};
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::plan::{Plan, Service};
use windlass_schemas::span::Span;

use super::namespace::DEFAULT_DENY;

/// The minors whose types and schemas this target knows.
const MINORS: std::ops::RangeInclusive<u32> = 33..=37;
/// Namespaces of the cluster itself, which a policy that denies everything would cut off.
const SYSTEM: [&str; 5] = ["amazon-cloudwatch", "default", "kube-node-lease", "kube-public", "kube-system"];
/// Names that files and objects beside the services have already.
const TAKEN: [&str; 4] = ["default", DEFAULT_DENY, "kustomization", "namespace"];

/// Says what cannot be expressed.
pub fn check(plan: &Plan, diags: &mut Diagnostics) {
    let platform = &plan.platform;
    if !MINORS.contains(&platform.kubernetes) {
        let message =
            format!("Kubernetes `1.{}` is not among the versions that can be written for", platform.kubernetes);
        let help = format!("name the oldest version that must run it, from 1.{} to 1.{}", MINORS.start(), MINORS.end());
        diags.push(Diagnostic::at(&INVALID_VALUE, platform.origin, message).help(help));
    }
    label(diags, "namespace", &platform.namespace, platform.origin);
    if SYSTEM.contains(&platform.namespace.as_str()) {
        let message = format!("the namespace `{}` belongs to the cluster", platform.namespace);
        let help = "name a namespace of the project's own: its network is closed except for what the spec needs";
        diags.push(Diagnostic::at(&INVALID_VALUE, platform.origin, message).help(help));
    }
    label_value(diags, "the project's name with its environment", &plan.stem(), plan.project.origin);
    if let Some(owner) = &plan.project.owner {
        label_value(diags, "the owner", owner, plan.project.origin);
    }
    for service in &plan.services {
        of_service(service, diags);
    }
    hosts(plan, diags);
}

fn of_service(service: &Service, diags: &mut Diagnostics) {
    let at = service.origin;
    let mut refuse = |code, at, message: String, help: &str| diags.push(Diagnostic::at(code, at, message).help(help));
    let name = &service.name;
    if TAKEN.contains(&name.as_str()) {
        let message = format!("a service on Kubernetes cannot be called `{name}`");
        refuse(&INVALID_VALUE, at, message, "another file or object has this name; choose a different one");
    }
    if service.port < 1024 {
        let message = format!("service `{name}` cannot listen on port {} without rights of root", service.port);
        refuse(&INVALID_VALUE, at, message, "choose a port from 1024 to 65535, such as 8080");
    }
    if service.resources.cpu.0 == 0 {
        refuse(&INVALID_VALUE, at, format!("service `{name}` has no CPU"), "write at least `10m`");
    }
    if service.resources.memory.0 == 0 {
        refuse(&INVALID_VALUE, at, format!("service `{name}` has no memory"), "write at least `16Mi`");
    }
    let (scaling, cpu) = (&service.scaling, service.scaling.cpu);
    if scaling.min == 0 {
        let message = format!("service `{name}` cannot scale to zero");
        refuse(&INVALID_VALUE, scaling.origin, message, "an autoscaler that steers for CPU needs `min = 1` at least");
    }
    if scaling.min > scaling.max {
        let message =
            format!("service `{name}` has a minimum of {} replicas above its maximum of {}", scaling.min, scaling.max);
        refuse(&INVALID_VALUE, scaling.origin, message, "raise `max`, or lower `min`");
    }
    if i32::try_from(scaling.max).is_err() {
        let message = format!("service `{name}` may not have {} replicas", scaling.max);
        refuse(&LIMIT, scaling.origin, message, "the API of Kubernetes counts replicas to 2147483647");
    }
    if cpu.0 % 100 != 0 || !(100..=10_000).contains(&cpu.0) {
        let message = format!("an autoscaler cannot steer for `{cpu}` of the CPU");
        refuse(&INVALID_VALUE, scaling.origin, message, "write a whole percentage from 1% to 100%");
    }
    // Nodes are taken away with less patience: a spot node after two minutes, a drained one after an hour at most.
    if service.drain_delay.0 > 5 * 60_000 {
        let message =
            format!("service `{name}` would go on accepting for `{}` after it was told to stop", service.drain_delay);
        refuse(&LIMIT, at, message, "at most `5m`; load balancers learn of it within seconds");
    }
    if service.grace().0 > 60 * 60_000 {
        let message = format!("service `{name}` may take `{}` to stop", service.grace());
        refuse(&LIMIT, at, message, "shorten `timeout`: with draining, stopping may take an hour");
    }
    if let Some(expose) = &service.expose
        && service.timeout.seconds_up() > 3995
    {
        let message =
            format!("the load balancer gives up before the timeout `{}` of service `{name}`", service.timeout);
        refuse(
            &LIMIT,
            expose.origin,
            message,
            "shorten `timeout` to `3995s` at most: a connection may be idle for 4000 s",
        );
    }
    label(diags, "service", name, at);
    label_value(diags, "the model's version", &service.model.version, service.model.origin);
    if let Some(expose) = &service.expose {
        host(diags, &expose.host, expose.origin);
    }
}

/// Two Ingresses for one host make two load balancers, of which clients find either.
fn hosts(plan: &Plan, diags: &mut Diagnostics) {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for expose in plan.services.iter().filter_map(|service| service.expose.as_ref()) {
        match seen.get(expose.host.as_str()) {
            Some(first) => diags.push(
                Diagnostic::at(
                    &DUPLICATE_NAME,
                    expose.origin,
                    format!("the host `{}` leads to two services", expose.host),
                )
                .label(*first, "already taken here")
                .help("give each service a host of its own"),
            ),
            None => drop(seen.insert(&expose.host, expose.origin)),
        }
    }
}

/// A DNS label, which names objects: 1 to 63 lower-case letters, digits and `-`.
fn is_label(text: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.len() <= 63
        && text.starts_with(alphanumeric)
        && text.ends_with(alphanumeric)
        && text.chars().all(|c| alphanumeric(c) || c == '-')
}

fn label(diags: &mut Diagnostics, what: &str, text: &str, at: Span) {
    // The names that are derived from a service's are up to 11 characters longer; a Service begins with a letter.
    let fits = what != "service" || (text.len() <= 52 && text.starts_with(|c: char| c.is_ascii_lowercase()));
    if !is_label(text) || !fits {
        let message = format!("`{text}` cannot be the name of a {what} on Kubernetes");
        let help = "use lower-case letters, digits and `-`, beginning with a letter, and not too many: 40 always fit";
        diags.push(Diagnostic::at(&INVALID_VALUE, at, message).help(help));
    }
}

/// The value of a label: as a name, but capitals, `_` and `.` may stand inside.
fn label_value(diags: &mut Diagnostics, what: &str, text: &str, at: Span) {
    let alphanumeric = |c: char| c.is_ascii_alphanumeric();
    let fits = text.len() <= 63
        && text.starts_with(alphanumeric)
        && text.ends_with(alphanumeric)
        && text.chars().all(|c| alphanumeric(c) || matches!(c, '-' | '_' | '.'));
    if !fits {
        let message = format!("{what}, `{text}`, cannot be a label on Kubernetes");
        let help = "use at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends";
        diags.push(Diagnostic::at(&INVALID_VALUE, at, message).help(help));
    }
}

fn host(diags: &mut Diagnostics, host: &str, at: Span) {
    if host.len() > 253 || !host.contains('.') || !host.split('.').all(is_label) {
        let message = format!("`{host}` is not a host that an Ingress can route");
        let help = "write a full DNS name in lower case, such as `risk.example.com`";
        diags.push(Diagnostic::at(&INVALID_VALUE, at, message).help(help));
    }
}
