//! What a checked plan may hold and Kubernetes, or this target, cannot take.

use std::collections::BTreeMap;

use windlass_schemas::codes::{DUPLICATE_NAME, INVALID_VALUE, LIMIT};
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::plan::Plan;
use windlass_schemas::span::Span;

use super::job::JOBS;
use super::namespace::DEFAULT_DENY;
use crate::stepfunctions::JOB_DIGEST;

/// Namespaces of the cluster itself, which a policy that denies everything would cut off.
const SYSTEM: [&str; 5] = ["amazon-cloudwatch", "default", "kube-node-lease", "kube-public", "kube-system"];
/// Names that files and objects beside the services have already.
const TAKEN: [&str; 4] = ["default", DEFAULT_DENY, "kustomization", "namespace"];
/// Characters in the value of a label.
const LABEL: usize = 63;

/// Says what cannot be expressed.
pub fn check(plan: &Plan, diags: &mut Diagnostics) {
    let namespace = &plan.platform.namespace;
    if SYSTEM.contains(&namespace.as_str()) {
        let message = format!("the namespace `{namespace}` belongs to the cluster");
        let help = "name a namespace of the project's own: its network is closed except for what the spec needs";
        diags.push(Diagnostic::at(&INVALID_VALUE, namespace.span, message).help(help));
    }
    let stem = plan.stem();
    if stem.len() > LABEL {
        let message = format!("`{stem}` has {} characters; a label of Kubernetes has {LABEL} at most", stem.len());
        let help = "shorten the name of the project or of the environment";
        diags.push(Diagnostic::at(&LIMIT, plan.project.origin, message).help(help));
    }
    for service in &plan.services {
        if TAKEN.contains(&service.name.as_str()) || service.name == JOBS && !plan.jobs.is_empty() {
            let message = format!("a service on Kubernetes cannot be called `{}`", service.name);
            let help = "another file or object has this name; choose a different one";
            diags.push(Diagnostic::at(&INVALID_VALUE, service.origin, message).help(help));
        }
        let cpu = &service.scaling.cpu;
        if cpu.0 % 100 != 0 {
            let message = format!("an autoscaler cannot steer for `{cpu}` of the CPU");
            let help = "write a whole percentage from \"1%\" to \"100%\"";
            diags.push(Diagnostic::at(&INVALID_VALUE, cpu.span, message).help(help));
        }
    }
    for job in &plan.jobs {
        let most = LABEL - 1 - JOB_DIGEST;
        if job.name.len() > most {
            let message = format!(
                "the job's name `{}` has {} characters; {most} leave room for what tells its runs apart",
                job.name,
                job.name.len()
            );
            diags.push(Diagnostic::at(&LIMIT, job.origin, message).help("shorten the name"));
        }
    }
    hosts(plan, diags);
}

/// Two Ingresses for one host make two load balancers, of which clients find either.
fn hosts(plan: &Plan, diags: &mut Diagnostics) {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    let mut exposed: Vec<_> = plan.services.iter().filter_map(|service| service.expose.as_ref()).collect();
    exposed.sort_by_key(|expose| expose.origin);
    for expose in exposed {
        match seen.get(expose.host.as_str()) {
            Some(first) => {
                let message = format!("the host `{}` leads to two services", expose.host);
                let diagnostic = Diagnostic::at(&DUPLICATE_NAME, expose.origin, message)
                    .label(*first, "already taken here")
                    .help("give each service a host of its own");
                diags.push(diagnostic);
            }
            None => drop(seen.insert(&expose.host, expose.origin)),
        }
    }
}
