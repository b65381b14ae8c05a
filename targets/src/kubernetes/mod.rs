//! Manifests for Kubernetes, applied with `kubectl apply -k`.
//!
//! | plan noun | emitted resource |
//! |---|---|
//! | platform | Namespace under the restricted Pod Security Standard, NetworkPolicy that denies everything |
//! | service | ServiceAccount, ConfigMap, Deployment, Service, NetworkPolicy |
//! | its store | an empty volume that keeps what was fetched, ways out to the store and to EKS Pod Identity |
//! | its scaling | HorizontalPodAutoscaler, PodDisruptionBudget |
//! | its public name | Ingress for the AWS Load Balancer Controller, a mount of the Secret with the API key |
//!
//! What it cannot say: workflows, alerts, channels and buckets live on AWS. The Secret `SERVICE-api-key` with the
//! key `key` holds a value, so it is mounted but never emitted. Applying does not delete: the ConfigMaps of earlier
//! settings stay, so that a rollback finds them, and a service that leaves the spec is deleted by hand.
//!
//! Nothing is emitted that the oldest minor of the platform does not know: an older server drops a newer field without
//! a word. All that stands here is in 1.33.

/// Lines of a comment, in the form in which they stand in a manifest.
macro_rules! comment {
    ($($line:literal),+ $(,)?) => { concat!($("# ", $line, "\n"),+) };
}

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

use k8s_openapi::Metadata;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
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

const HEAD: &str = comment!["Written by windlass: edit the spec, not this file."];

/// In the order in which the server must know them, read from the identity to the outside.
fn of_service(plan: &Plan, service: &Service, manifest: &mut Manifest) {
    let model = &service.model;
    let title = yaml::comment(&format!("{}: model {} version {}", service.name, model.name, model.version));
    // All objects have the same metadata, which goes from one to the next.
    let metadata = labels::metadata(plan, service);
    let metadata = manifest.pass(&[&title], workload::service_account(metadata));
    let mut metadata = manifest.pass(&[settings::WHY], settings::config_map(plan, service, metadata));
    // Only the ConfigMap has another name.
    let settings = metadata.name.replace(service.name.clone()).unwrap_or_default();
    manifest.add(&[workload::WHY], &workload::deployment(service, metadata.clone(), &settings));
    let metadata = manifest.pass(&[network::WHY_SERVICE], network::service(service, metadata));
    let metadata = manifest.pass(&[scaling::WHY_AUTOSCALER], scaling::autoscaler(service, metadata));
    let metadata = manifest.pass(&[scaling::why_budget(service)], scaling::disruption_budget(service, metadata));
    let metadata = manifest.pass(&network::why_policy(service), network::policy(service, metadata));
    if let Some(expose) = &service.expose {
        manifest.add(&[network::WHY_INGRESS], &network::ingress(service, expose, metadata));
    }
}

/// A file of several documents.
#[derive(Default)]
struct Manifest {
    text: String,
}

impl Manifest {
    /// Adds an object below comments that say why it is as it is.
    fn add<T: Serialize>(&mut self, why: &[&str], object: &T) {
        let head = self.text.is_empty().then_some(HEAD);
        yaml::document(&mut self.text, head.into_iter().chain(why.iter().copied()), object)
            .expect("objects of Kubernetes hold text, numbers, lists and maps only");
    }

    /// Adds an object, and gives back its metadata for the next one.
    fn pass<T: Serialize + Metadata<Ty = ObjectMeta>>(&mut self, why: &[&str], mut object: T) -> ObjectMeta {
        self.add(why, &object);
        std::mem::take(object.metadata_mut())
    }
}
