//! Manifests for Kubernetes, applied with `kubectl apply -k`.
//!
//! | plan noun | emitted resource |
//! |---|---|
//! | platform | Namespace under the restricted Pod Security Standard, NetworkPolicy that denies everything |
//! | service | ServiceAccount, ConfigMap, Deployment, Service, NetworkPolicy |
//! | its scaling | HorizontalPodAutoscaler, PodDisruptionBudget |
//! | its public name | Ingress for the AWS Load Balancer Controller, a mount of the Secret with the API key |
//!
//! What it cannot say: workflows, alerts, channels and buckets live on AWS. The Secret `SERVICE-api-key` with the
//! key `key` holds a value, so it is mounted but never emitted. Applying does not delete: the ConfigMaps of earlier
//! settings stay, so that a rollback finds them, and a service that leaves the spec is deleted by hand.
//!
//! Nothing is emitted that the oldest minor of the platform does not know: an older server drops a newer field without
//! a word. All that stands here is in 1.33.

mod check;
#[cfg(test)]
pub(crate) mod fixture;
mod labels;
mod namespace;
mod network;
mod scaling;
mod settings;
pub use settings::settings;
#[cfg(test)]
mod tests;
mod workload;

use serde::Serialize;
use windlass_schemas::artifact::Output;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::plan::{Plan, Service};
use windlass_schemas::span::Span;

use crate::{Target, yaml};

/// Manifests for Kubernetes.
pub struct Kubernetes;

impl Target for Kubernetes {
    fn name(&self) -> &'static str {
        "kubernetes"
    }

    fn check(&self, plan: &Plan, diags: &mut Diagnostics) {
        check::check(plan, diags);
    }

    fn emit(&self, plan: &Plan, out: &mut dyn Output) {
        if plan.services.is_empty() {
            return;
        }
        let spans = vec![plan.project.origin, plan.platform.origin];
        let mut write = |file: &str, manifest: &Manifest, spans: &[Span]| {
            out.text(self.name(), &format!("kubernetes/{file}"), &manifest.text, spans);
        };
        write("kustomization.yaml", &namespace::kustomization(plan), &spans);
        write("namespace.yaml", &namespace::namespace(plan), &spans);
        let mut manifest = Manifest::default();
        for service in &plan.services {
            let own = [service.origin, service.model.origin, service.scaling.origin];
            let exposed = service.expose.iter().map(|expose| expose.origin);
            let spans: Vec<Span> = spans.iter().copied().chain(own).chain(exposed).collect();
            manifest.text.clear();
            of_service(plan, service, &mut manifest);
            write(&format!("{}.yaml", service.name), &manifest, &spans);
        }
    }
}

/// In the order in which the server must know them, read from the identity to the outside.
fn of_service(plan: &Plan, service: &Service, manifest: &mut Manifest) {
    let settings = settings::config_map(plan, service);
    let name = settings.metadata.name.clone().unwrap_or_default();
    manifest.add(
        &format!("{}: model {} version {}", service.name, service.model.name, service.model.version),
        &workload::service_account(plan, service),
    );
    manifest.add(settings::WHY, &settings);
    manifest.add(workload::WHY, &workload::deployment(plan, service, &name));
    manifest.add(network::WHY_SERVICE, &network::service(plan, service));
    manifest.add(scaling::WHY_AUTOSCALER, &scaling::autoscaler(plan, service));
    manifest.add(scaling::why_budget(service), &scaling::disruption_budget(plan, service));
    manifest.add(&network::why_policy(service), &network::policy(plan, service));
    if let Some(expose) = &service.expose {
        manifest.add(network::WHY_INGRESS, &network::ingress(plan, service, expose));
    }
}

/// A file of several documents.
#[derive(Default)]
struct Manifest {
    text: String,
}

impl Manifest {
    /// Adds an object below a comment that says why it is as it is.
    fn add<T: Serialize>(&mut self, why: &str, object: &T) {
        let head = if self.text.is_empty() { "Written by windlass: edit the spec, not this file.\n" } else { "" };
        yaml::document(&mut self.text, &format!("{head}{why}"), object)
            .expect("objects of Kubernetes hold text, numbers, lists and maps only");
    }
}
