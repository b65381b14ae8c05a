//! Manifests for Kubernetes, applied with `kubectl apply -k`.
//!
//! | plan noun | emitted resource |
//! |---|---|
//! | platform | Namespace under the restricted Pod Security Standard, NetworkPolicy that denies everything |
//! | service | ServiceAccount, ConfigMap, Deployment, Service, NetworkPolicy |
//! | its store | an empty volume that keeps what was fetched, ways out to the store and to EKS Pod Identity |
//! | its scaling | HorizontalPodAutoscaler, PodDisruptionBudget |
//! | job | what a workflow creates a Job with ([`job_manifest`]); ServiceAccount, Role, RoleBinding and NetworkPolicy of all jobs |
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
mod job;
mod labels;
mod namespace;
mod network;
mod pattern;
mod scaling;
mod settings;
pub use job::{group as jobs_group, manifest as job_manifest};
pub use settings::settings;
#[cfg(test)]
mod tests;
mod workload;

use k8s_openapi::api::autoscaling::v2::{HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec};
use k8s_openapi::api::core::v1::ServiceSpec;
use k8s_openapi::api::networking::v1::{NetworkPolicy, NetworkPolicySpec};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::{Metadata, Resource};
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
        if plan.services.is_empty() && plan.jobs.is_empty() {
            return;
        }
        let spans = vec![plan.project.origin, plan.platform.origin];
        let mut write = |file: &str, manifest: &Manifest, spans: &[Span]| {
            out.text(self.name(), &["kubernetes/", file].concat(), &manifest.text, spans);
        };
        write("kustomization.yaml", &namespace::kustomization(plan), &spans);
        write("namespace.yaml", &namespace::namespace(plan), &spans);
        if !plan.jobs.is_empty() {
            let jobs = plan.jobs.iter().map(|job| job.origin);
            let spans: Vec<Span> = spans.iter().copied().chain(jobs).collect();
            write(&format!("{}.yaml", job::JOBS), &job::surroundings(plan), &spans);
        }
        let (mut manifest, mut patterns) = (Manifest::default(), pattern::Patterns::new(plan));
        for service in &plan.services {
            let own = [service.origin, service.model.origin, service.scaling.origin];
            let exposed = service.expose.iter().map(|expose| expose.origin);
            let spans: Vec<Span> = spans.iter().copied().chain(own).chain(exposed).collect();
            manifest.text.clear();
            patterns.write(service, &mut manifest);
            write(&[&service.name, ".yaml"].concat(), &manifest, &spans);
        }
    }
}

const HEAD: &str = comment!["Written by windlass: edit the spec, not this file."];

/// What is to be read first.
fn title(service: &Service) -> String {
    let model = &service.model;
    yaml::comment(&[&service.name, ": model ", &model.name, " version ", &model.version].concat())
}

/// In the order in which the server must know them, read from the identity to the outside.
fn of_service(plan: &Plan, service: &Service, manifest: &mut Manifest) {
    // All objects have the same metadata, which goes from one to the next, or is text already where nothing is added to it.
    let metadata = labels::metadata(plan, service);
    let shared = yaml::Rendered::new(&metadata).expect("labels are text");
    let metadata = manifest.pass(&[&title(service)], workload::service_account(metadata));
    let mut metadata = manifest.pass(&[settings::WHY], settings::config_map(plan, service, metadata));
    // Only the ConfigMap has another name.
    let settings = metadata.name.replace(service.name.clone()).unwrap_or_default();
    let exposed = service.expose.as_ref().map(|expose| network::ingress(service, expose, metadata.clone()));
    manifest.add(&[workload::WHY], &workload::deployment(service, metadata, &settings));
    manifest.specify(&[network::WHY_SERVICE], &shared, &network::service(service));
    manifest.specify(&[scaling::WHY_AUTOSCALER], &shared, &scaling::autoscaler(service));
    manifest.specify(&[scaling::why_budget(service)], &shared, &scaling::disruption_budget(service));
    manifest.specify(&network::why_policy(service), &shared, &network::policy(service));
    if let Some(ingress) = exposed {
        manifest.add(&[network::WHY_INGRESS], &ingress);
    }
}

/// What an object of some kind is to be.
trait Spec: Serialize {
    type Kind: Resource;
}

impl Spec for ServiceSpec {
    type Kind = k8s_openapi::api::core::v1::Service;
}

impl Spec for HorizontalPodAutoscalerSpec {
    type Kind = HorizontalPodAutoscaler;
}

impl Spec for PodDisruptionBudgetSpec {
    type Kind = PodDisruptionBudget;
}

impl Spec for NetworkPolicySpec {
    type Kind = NetworkPolicy;
}

/// An object whose metadata is text already.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'a, S> {
    api_version: &'static str,
    kind: &'static str,
    metadata: &'a yaml::Rendered,
    spec: &'a S,
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

    /// Adds an object that is no more than metadata and what it is to be.
    fn specify<S: Spec>(&mut self, why: &[&str], metadata: &yaml::Rendered, spec: &S) {
        self.add(why, &Object { api_version: S::Kind::API_VERSION, kind: S::Kind::KIND, metadata, spec });
    }

    /// Adds an object, and gives back its metadata for the next one.
    fn pass<T: Serialize + Metadata<Ty = ObjectMeta>>(&mut self, why: &[&str], mut object: T) -> ObjectMeta {
        self.add(why, &object);
        std::mem::take(object.metadata_mut())
    }
}
