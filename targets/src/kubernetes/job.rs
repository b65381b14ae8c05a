//! Jobs: what a workflow creates in the cluster, and what must be there for it.
//!
//! The Job itself is created by Step Functions, with the name, arguments and deadline of one execution. It comes into a namespace whose pods
//! are restricted and whose network is closed.

use std::collections::BTreeMap;

use k8s_openapi::api::batch::v1::{Job, JobSpec};
use k8s_openapi::api::core::v1::{Container, EnvVar, PodSpec, PodTemplateSpec, ServiceAccount};
use k8s_openapi::api::networking::v1::{NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyPeer, NetworkPolicySpec};
use k8s_openapi::api::rbac::v1::{PolicyRule, Role, RoleBinding, RoleRef, Subject};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use serde_json::Value;
use windlass_schemas::plan::{self, Plan};

use super::labels::{self, Labels, NAME};
use super::network::ports;
use super::{Manifest, workload};

/// Name of the objects beside the jobs, and of their file.
pub const JOBS: &str = "jobs";
const COMPONENT: &str = "app.kubernetes.io/component";
/// Seconds that a finished Job is kept, to be looked at: a day.
const KEPT: i32 = 86_400;

const WHY_ACCOUNT: &str = comment!["Jobs ask nothing of the API server, so they get no token."];
const WHY_ROLE: &str = comment![
    "What Step Functions needs to run a Job and to wait for it, in this namespace only. The access entry in the",
    "CloudFormation stack puts the roles of the workflows that run jobs into the group.",
];
const WHY_POLICY: &str = comment![
    "In: nothing. Out: DNS, HTTPS to anywhere, for a job fetches its data from where no spec says, and the services",
    "of this namespace.",
];

/// The group of Kubernetes that the roles of workflows are in.
pub fn group(plan: &Plan) -> String {
    format!("{}-jobs", plan.stem())
}

fn labels_of(plan: &Plan, job: &plan::Job) -> Labels {
    let mut labels = labels::project(plan);
    labels.insert(NAME.to_owned(), job.name.clone());
    labels.insert(COMPONENT.to_owned(), "job".to_owned());
    labels
}

/// The Job as a workflow creates it, without a name.
pub fn manifest(plan: &Plan, job: &plan::Job) -> Value {
    let labels = labels_of(plan, job);
    let variable = |(name, value): (&String, &String)| EnvVar {
        name: name.clone(),
        value: Some(value.clone()),
        ..Default::default()
    };
    let container = Container {
        name: job.name.clone(),
        command: (!job.command.is_empty()).then(|| job.command.clone()),
        env: (!job.environment.is_empty()).then(|| job.environment.iter().map(variable).collect()),
        image: Some(job.image.clone()),
        resources: Some(workload::amounts(&job.resources, 0)),
        security_context: Some(workload::confined()),
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(vec![workload::mount("tmp", "/tmp", None)]),
        ..Default::default()
    };
    let pod = PodSpec {
        automount_service_account_token: Some(false),
        containers: vec![container],
        enable_service_links: Some(false),
        restart_policy: Some("Never".to_owned()),
        security_context: Some(workload::confined_pod()),
        service_account_name: Some(JOBS.to_owned()),
        volumes: Some(vec![workload::scratch()]),
        ..Default::default()
    };
    let job = Job {
        metadata: ObjectMeta { labels: Some(labels.clone()), ..Default::default() },
        spec: Some(JobSpec {
            // Whether to try again is for the workflow to say.
            backoff_limit: Some(0),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta { labels: Some(labels), ..Default::default() }),
                spec: Some(pod),
            },
            ttl_seconds_after_finished: Some(KEPT),
            ..Default::default()
        }),
        ..Default::default()
    };
    crate::json::tree(&job)
}

/// The file of what must be there.
pub fn surroundings(plan: &Plan) -> Manifest {
    let metadata = ObjectMeta {
        name: Some(JOBS.to_owned()),
        namespace: Some(plan.platform.namespace.to_string()),
        labels: Some(labels::project(plan)),
        ..Default::default()
    };
    let account = ServiceAccount {
        metadata: metadata.clone(),
        automount_service_account_token: Some(false),
        ..Default::default()
    };
    let rule = |group: &str, resources: &[&str], verbs: &[&str]| {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<String>>();
        PolicyRule {
            api_groups: Some(vec![group.to_owned()]),
            resources: Some(owned(resources)),
            verbs: owned(verbs),
            ..Default::default()
        }
    };
    let role = Role {
        metadata: metadata.clone(),
        rules: Some(vec![
            rule("batch", &["jobs"], &["create", "delete", "get"]),
            rule("", &["pods", "pods/log"], &["get", "list"]),
        ]),
    };
    let binding = RoleBinding {
        metadata: metadata.clone(),
        role_ref: RoleRef {
            api_group: "rbac.authorization.k8s.io".to_owned(),
            kind: "Role".to_owned(),
            name: JOBS.to_owned(),
        },
        subjects: Some(vec![Subject {
            api_group: Some("rbac.authorization.k8s.io".to_owned()),
            kind: "Group".to_owned(),
            name: group(plan),
            ..Default::default()
        }]),
    };
    let here = NetworkPolicyPeer { pod_selector: Some(LabelSelector::default()), ..Default::default() };
    let policy = NetworkPolicy {
        metadata,
        spec: Some(NetworkPolicySpec {
            egress: Some(vec![
                NetworkPolicyEgressRule {
                    ports: ports([("UDP", 53), ("TCP", 53), ("TCP", 443)]),
                    ..Default::default()
                },
                NetworkPolicyEgressRule { to: Some(vec![here]), ..Default::default() },
            ]),
            pod_selector: Some(LabelSelector {
                match_labels: Some(BTreeMap::from([(COMPONENT.to_owned(), "job".to_owned())])),
                ..Default::default()
            }),
            policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
            ..Default::default()
        }),
    };
    let mut manifest = Manifest::default();
    manifest.add(&[WHY_ACCOUNT], &account);
    manifest.add(&[WHY_ROLE], &role);
    manifest.add(&[], &binding);
    manifest.add(&[WHY_POLICY], &policy);
    manifest
}
