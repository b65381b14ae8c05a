//! The pods of a service and the identity they run under.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::api::core::v1::{
    Affinity, Capabilities, ConfigMapEnvSource, Container, ContainerPort, EmptyDirVolumeSource, EnvFromSource,
    HTTPGetAction, KeyToPath, PodAffinityTerm, PodAntiAffinity, PodSecurityContext, PodSpec, PodTemplateSpec, Probe,
    ResourceRequirements, SeccompProfile, SecretVolumeSource, SecurityContext, ServiceAccount,
    TopologySpreadConstraint, Volume, VolumeMount, WeightedPodAffinityTerm,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use windlass_schemas::plan::{Resources, Service};

use super::labels::{self, OWNER};
use super::network::PORT;
use super::settings::{API_KEY, API_KEY_FOLDER, CACHE_FOLDER};
use crate::inference::{image, is_digest};

pub const WHY: &str = comment![
    "spec.replicas is left out, because the HorizontalPodAutoscaler owns it. A first apply starts one pod, and the",
    "autoscaler raises it to its minimum within 15 s, without waiting for metrics. A number here would throw a",
    "scaled-out service back to it with every apply. To take over a Deployment that was applied with replicas by other",
    "means, first remove them with: kubectl apply edit-last-applied.",
    "Only readiness looks at the model: a pod whose model is busy must not be restarted.",
];

/// A user and group above those of any host; 65532 is `nonroot` in common base images.
const USER: i64 = 65532;
/// Startup may take this long, in seconds: reading and planning a model. Fetching one comes on top.
const STARTUP: i32 = 300;
/// A new pod counts once it was ready this long, in seconds: a crash on the first requests stops the rollout.
const SETTLE: i32 = 10;
/// Room for temporary files, and for those with logs and the writable layer, in MiB.
const SCRATCH: u64 = 64;
const STORAGE: u64 = 256;
/// A store is expected to give at least so many bytes of a model in a second.
const FETCH: u64 = 4 << 20;

/// The ServiceAccount: the service asks nothing of the API server, so it gets no token. Where it reads from a bucket, EKS Pod Identity
/// gives it another one, for AWS, by an association in the stack.
pub fn service_account(metadata: ObjectMeta) -> ServiceAccount {
    ServiceAccount { metadata, automount_service_account_token: Some(false), ..Default::default() }
}

/// The Deployment, which reads its settings from the ConfigMap `settings`.
pub fn deployment(service: &Service, mut metadata: ObjectMeta, settings: &str) -> Deployment {
    let labels = metadata.labels.get_or_insert_default();
    labels.insert("app.kubernetes.io/version".to_owned(), service.model.version.clone());
    // A label that changes on the pods restarts them: the version changes only with the image, and the owner, who changes
    // for reasons of its own, stays outside.
    let mut of_pods = labels.clone();
    of_pods.remove(OWNER);
    if !is_digest(service) {
        let reason = match service.pin {
            None => "the tag is a hash of all that goes into the image",
            Some(_) => "the spec pins this tag",
        };
        metadata.annotations = Some(labels::map([("checkov.io/skip1", &format!("CKV_K8S_43={reason}"))]));
    }
    Deployment {
        metadata,
        spec: Some(DeploymentSpec {
            min_ready_seconds: Some(SETTLE),
            progress_deadline_seconds: Some(2 * startup(service)),
            revision_history_limit: Some(5),
            selector: labels::label_selector(service),
            strategy: Some(DeploymentStrategy {
                type_: Some("RollingUpdate".to_owned()),
                rolling_update: Some(RollingUpdateDeployment {
                    max_surge: Some(IntOrString::String("25%".to_owned())),
                    max_unavailable: Some(IntOrString::Int(0)),
                }),
            }),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    // Another model restarts the pods even where the spec pins one tag for all of them.
                    annotations: Some(labels::map([("windlass/model-sha256", &digests(service))])),
                    labels: Some(of_pods),
                    ..Default::default()
                }),
                spec: Some(pod(service, settings)),
            },
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// How long a replica may take to get ready, in seconds.
fn startup(service: &Service) -> i32 {
    let fetching = service.store.as_ref().map_or(0, |store| store.kept.0 / FETCH);
    STARTUP.saturating_add(i32::try_from(fetching).unwrap_or(i32::MAX / 4))
}

/// Room for what a replica fetches, in MiB; one more for what a file system adds, since a pod that takes more is evicted.
fn cache(service: &Service) -> Option<u64> {
    service.store.as_ref().map(|store| store.kept.0.div_ceil(1 << 20) + 1)
}

fn mebibytes(amount: u64) -> Quantity {
    Quantity(format!("{amount}Mi"))
}

fn pod(service: &Service, settings: &str) -> PodSpec {
    let mut volumes = vec![scratch()];
    volumes.extend(cache(service).map(|room| volume("models", room)));
    if service.expose.is_some() {
        volumes.push(Volume {
            name: "api-key".to_owned(),
            secret: Some(SecretVolumeSource {
                secret_name: Some(secret(service)),
                // Read by the group, which is that of the pod.
                default_mode: Some(0o440),
                items: Some(vec![KeyToPath {
                    key: API_KEY.to_owned(),
                    path: API_KEY.to_owned(),
                    ..Default::default()
                }]),
                ..Default::default()
            }),
            ..Default::default()
        });
    }
    PodSpec {
        affinity: Some(Affinity { pod_anti_affinity: Some(apart(service)), ..Default::default() }),
        automount_service_account_token: Some(false),
        containers: vec![container(service, settings)],
        enable_service_links: Some(false),
        security_context: Some(confined_pod()),
        service_account_name: Some(service.name.clone()),
        termination_grace_period_seconds: Some(service.grace().seconds_up().try_into().unwrap_or(i64::MAX)),
        topology_spread_constraints: Some(vec![
            spread(service, "topology.kubernetes.io/zone"),
            spread(service, "kubernetes.io/hostname"),
        ]),
        volumes: Some(volumes),
        ..Default::default()
    }
}

fn container(service: &Service, settings: &str) -> Container {
    let mut mounts = vec![mount("tmp", "/tmp", None)];
    if service.store.is_some() {
        mounts.push(mount("models", CACHE_FOLDER, None));
    }
    if service.expose.is_some() {
        mounts.push(mount("api-key", API_KEY_FOLDER, Some(true)));
    }
    Container {
        name: service.name.clone(),
        env_from: Some(vec![EnvFromSource {
            config_map_ref: Some(ConfigMapEnvSource { name: settings.to_owned(), ..Default::default() }),
            ..Default::default()
        }]),
        image: Some(image(service)),
        image_pull_policy: Some("Always".to_owned()),
        liveness_probe: Some(probe("/v2/health/live", 10, 5, 3)),
        ports: Some(vec![ContainerPort {
            container_port: service.port.into(),
            name: Some(PORT.to_owned()),
            protocol: Some("TCP".to_owned()),
            ..Default::default()
        }]),
        readiness_probe: Some(probe("/v2/health/ready", 5, 2, 2)),
        resources: Some(amounts(&service.resources, cache(service).unwrap_or(0))),
        security_context: Some(confined()),
        startup_probe: Some(probe("/v2/health/ready", 2, 2, startup(service) / 2)),
        // The last lines of the log tell why a pod did not start, where nobody collects logs yet.
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        volume_mounts: Some(mounts),
        ..Default::default()
    }
}

/// As much as the spec says, neither less nor more.
pub fn amounts(resources: &Resources, kept: u64) -> ResourceRequirements {
    let amounts = [
        ("cpu", resources.cpu.to_string()),
        ("ephemeral-storage", mebibytes(STORAGE + kept).0),
        ("memory", resources.memory.to_string()),
    ];
    let amounts = Some(amounts.map(|(name, amount)| (name.to_owned(), Quantity(amount))).into());
    ResourceRequirements { limits: amounts.clone(), requests: amounts, ..Default::default() }
}

/// A container that keeps to the restricted Pod Security Standard.
pub fn confined() -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities { drop: Some(vec!["ALL".to_owned()]), ..Default::default() }),
        privileged: Some(false),
        read_only_root_filesystem: Some(true),
        run_as_group: Some(USER),
        run_as_non_root: Some(true),
        run_as_user: Some(USER),
        seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), ..Default::default() }),
        ..Default::default()
    }
}

/// The same of a pod.
pub fn confined_pod() -> PodSecurityContext {
    PodSecurityContext {
        fs_group: Some(USER),
        run_as_group: Some(USER),
        run_as_non_root: Some(true),
        run_as_user: Some(USER),
        seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), ..Default::default() }),
        ..Default::default()
    }
}

/// Room for temporary files, mounted at `/tmp`.
pub fn scratch() -> Volume {
    volume("tmp", SCRATCH)
}

/// Room for files that end with the pod, in MiB.
fn volume(name: &str, limit: u64) -> Volume {
    Volume {
        name: name.to_owned(),
        empty_dir: Some(EmptyDirVolumeSource { size_limit: Some(mebibytes(limit)), ..Default::default() }),
        ..Default::default()
    }
}

/// A volume at a path.
pub fn mount(name: &str, path: &str, read_only: Option<bool>) -> VolumeMount {
    VolumeMount { name: name.to_owned(), mount_path: path.to_owned(), read_only, ..Default::default() }
}

fn probe(path: &str, period: i32, timeout: i32, failures: i32) -> Probe {
    Probe {
        failure_threshold: Some(failures),
        http_get: Some(HTTPGetAction {
            path: Some(path.to_owned()),
            port: IntOrString::String(PORT.to_owned()),
            ..Default::default()
        }),
        period_seconds: Some(period),
        timeout_seconds: Some(timeout),
        ..Default::default()
    }
}

/// Evenly over zones and nodes, among the pods of one revision, but rather uneven than not at all.
fn spread(service: &Service, topology: &str) -> TopologySpreadConstraint {
    TopologySpreadConstraint {
        label_selector: Some(labels::label_selector(service)),
        match_label_keys: Some(vec!["pod-template-hash".to_owned()]),
        max_skew: 1,
        topology_key: topology.to_owned(),
        when_unsatisfiable: "ScheduleAnyway".to_owned(),
        ..Default::default()
    }
}

/// Rather not two on one node.
fn apart(service: &Service) -> PodAntiAffinity {
    PodAntiAffinity {
        preferred_during_scheduling_ignored_during_execution: Some(vec![WeightedPodAffinityTerm {
            weight: 100,
            pod_affinity_term: PodAffinityTerm {
                label_selector: Some(labels::label_selector(service)),
                topology_key: "kubernetes.io/hostname".to_owned(),
                ..Default::default()
            },
        }]),
        ..Default::default()
    }
}

/// Name of the Secret that holds the API key.
pub fn secret(service: &Service) -> String {
    format!("{}-api-key", service.name)
}

/// The digests of all versions that a service serves.
pub fn digests(service: &Service) -> String {
    let others = service.others.iter().map(|other| other.sha256.as_str());
    [service.model.sha256.as_str()].into_iter().chain(others).collect::<Vec<_>>().join(",")
}
