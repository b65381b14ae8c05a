//! The settings of a service: environment variables, in a ConfigMap named after its content.

use k8s_openapi::api::core::v1::ConfigMap;
use sha2::{Digest, Sha256};
use windlass_schemas::artifact::hex;
use windlass_schemas::plan::{Plan, Service};

use super::labels::{self, Labels};
use crate::inference::{model_path, names};

/// Folder of the mounted Secret with the API key.
pub const API_KEY_FOLDER: &str = "/etc/windlass/api-key";
/// Key of the Secret, and so name of the file in that folder.
pub const API_KEY: &str = "key";
/// Where the CloudWatch agent takes metrics, when installed as the add-on of EKS.
const AGENT: &str = "tcp://cloudwatch-agent.amazon-cloudwatch:25888";
/// TCP port of the CloudWatch agent.
pub const AGENT_PORT: i32 = 25888;

pub const WHY: &str = "Immutable and named after its content: other settings are another ConfigMap, so they roll out with \
    the pods that\nread them, and a rollback finds the old ones.";

/// The settings of a service.
pub fn settings(plan: &Plan, service: &Service) -> Labels {
    let threads = service.resources.cpu.0.div_ceil(1000).max(1);
    // So many may wait for each thread: past that, it is quicker to ask another replica.
    let in_flight = 64 * threads;
    // The runtime holds at most eight of the largest bodies: a quarter of the memory.
    let body = (service.resources.memory.0 / 4 / 8).clamp(64 << 10, 64 << 20);
    let mut settings = labels::map([
        (names::DRAIN_DELAY, &service.drain_delay.to_string()),
        (names::EMF, AGENT),
        // Both families: a cluster of EKS gives its pods addresses of one or of the other.
        (names::LISTEN, &format!("[::]:{}", service.port)),
        (names::LOG, "info"),
        (names::MAX_BODY_BYTES, &body.to_string()),
        (names::MAX_IN_FLIGHT, &in_flight.to_string()),
        (names::MODEL_PATH, &model_path(service)),
        (names::PROJECT, &plan.project.name),
        (names::REQUEST_TIMEOUT, &service.timeout.to_string()),
        (names::THREADS, &threads.to_string()),
    ]);
    if let Some(environment) = &plan.environment {
        settings.insert(names::ENVIRONMENT.to_owned(), environment.clone());
    }
    if service.expose.is_some() {
        settings.insert(names::API_KEY_FILE.to_owned(), format!("{API_KEY_FOLDER}/{API_KEY}"));
    }
    settings
}

/// The ConfigMap of a service.
pub fn config_map(plan: &Plan, service: &Service) -> ConfigMap {
    let data = settings(plan, service);
    // A map of texts always serializes.
    let hash = hex(&Sha256::digest(serde_json::to_string(&data).unwrap_or_default()));
    let name = format!("{}-{}", service.name, &hash[..10]);
    ConfigMap {
        metadata: labels::metadata(plan, service, &name),
        data: Some(data),
        immutable: Some(true),
        ..Default::default()
    }
}
