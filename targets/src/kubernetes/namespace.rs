//! What the services share: the namespace, its closed network, and the list of files.

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::api::networking::v1::{NetworkPolicy, NetworkPolicySpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use serde::Serialize;
use windlass_schemas::plan::Plan;

use super::{Manifest, labels};

/// Name of the policy that closes the network.
pub const DEFAULT_DENY: &str = "default-deny";

const WHY_LIST: &str = comment!["Apply with: kubectl apply -k ."];
const WHY_NAMESPACE: &str = comment![
    "Pods are held to the restricted Pod Security Standard. What is enforced is pinned to the oldest Kubernetes of the",
    "spec, so that an upgrade of the cluster refuses nothing that ran before; the newest rules warn and audit beforehand.",
];
const WHY_GATE: &str =
    comment!["The load balancer's readiness gate holds a rollout until the new pods are healthy targets."];
const WHY_DENY: &str =
    comment!["Nothing in the namespace may talk or be talked to, unless a further policy allows it."];

/// kustomize has no types in the API of Kubernetes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Kustomization {
    api_version: &'static str,
    kind: &'static str,
    resources: Vec<String>,
}

/// The list of files.
pub fn kustomization(plan: &Plan) -> Manifest {
    let services = plan.services.iter().map(|service| format!("{}.yaml", service.name));
    let jobs = (!plan.jobs.is_empty()).then(|| format!("{}.yaml", super::job::JOBS));
    let mut manifest = Manifest::default();
    manifest.add(
        &[WHY_LIST],
        &Kustomization {
            api_version: "kustomize.config.k8s.io/v1beta1",
            kind: "Kustomization",
            resources: ["namespace.yaml".to_owned()].into_iter().chain(jobs).chain(services).collect(),
        },
    );
    manifest
}

/// The namespace and the policy that closes it.
pub fn namespace(plan: &Plan) -> Manifest {
    let oldest = format!("v1.{}", plan.platform.kubernetes);
    let mut labels = labels::project(plan);
    labels.extend(labels::map([
        ("pod-security.kubernetes.io/audit", "restricted"),
        ("pod-security.kubernetes.io/audit-version", "latest"),
        ("pod-security.kubernetes.io/enforce", "restricted"),
        ("pod-security.kubernetes.io/enforce-version", &oldest),
        ("pod-security.kubernetes.io/warn", "restricted"),
        ("pod-security.kubernetes.io/warn-version", "latest"),
    ]));
    let exposed = plan.services.iter().any(|service| service.expose.is_some());
    if exposed {
        labels.extend(labels::map([("elbv2.k8s.aws/pod-readiness-gate-inject", "enabled")]));
    }
    let metadata =
        ObjectMeta { name: Some(plan.platform.namespace.to_string()), labels: Some(labels), ..Default::default() };
    let deny = NetworkPolicy {
        metadata: ObjectMeta {
            name: Some(DEFAULT_DENY.to_owned()),
            namespace: Some(plan.platform.namespace.to_string()),
            labels: Some(labels::project(plan)),
            ..Default::default()
        },
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(LabelSelector::default()),
            policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
            ..Default::default()
        }),
    };
    let mut manifest = Manifest::default();
    manifest.add(&[WHY_NAMESPACE, if exposed { WHY_GATE } else { "" }], &Namespace { metadata, ..Default::default() });
    manifest.add(&[WHY_DENY], &deny);
    manifest
}
