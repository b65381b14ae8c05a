//! The settings of a service: environment variables, in a ConfigMap named after its content.

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use sha2::{Digest, Sha256};
use windlass_schemas::artifact::hex;
use windlass_schemas::plan::{Plan, Service};
use windlass_schemas::units::Percent;

use super::labels::{self, Labels};
use crate::inference::{model_path, names};

/// Folder of the mounted Secret with the API key.
pub const API_KEY_FOLDER: &str = "/etc/windlass/api-key";
/// Key of the Secret, and so name of the file in that folder.
pub const API_KEY: &str = "key";
/// Folder of the volume that keeps what was fetched, so that a container that starts again fetches nothing.
pub const CACHE_FOLDER: &str = "/var/cache/windlass";
/// Where the CloudWatch agent takes metrics, when installed as the add-on of EKS.
const AGENT: &str = "tcp://cloudwatch-agent.amazon-cloudwatch:25888";
/// TCP port of the CloudWatch agent.
pub const AGENT_PORT: i32 = 25888;

pub const WHY: &str = comment![
    "Immutable and named after its content: other settings are another ConfigMap, so they roll out with the pods that",
    "read them, and a rollback finds the old ones.",
];

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
        (names::PROJECT, &plan.project.name),
        (names::REQUEST_TIMEOUT, &service.timeout.to_string()),
        (names::THREADS, &threads.to_string()),
    ]);
    match &service.store {
        Some(store) => {
            settings.insert(names::MODEL_STORE.to_owned(), store.address.clone());
            settings.insert(names::MODEL_CACHE.to_owned(), CACHE_FOLDER.to_owned());
            if store.objects().is_some() {
                settings.insert(names::AWS_REGION.to_owned(), plan.platform.region.clone());
            }
        }
        None => drop(settings.insert(names::MODEL_PATH.to_owned(), model_path(service))),
    }
    if let Some(environment) = &plan.environment {
        settings.insert(names::ENVIRONMENT.to_owned(), environment.clone());
    }
    if service.expose.is_some() {
        settings.insert(names::API_KEY_FILE.to_owned(), format!("{API_KEY_FOLDER}/{API_KEY}"));
    }
    if let Some(batching) = &service.batching {
        settings.insert(names::BATCH_MAX_SIZE.to_owned(), batching.max_size.to_string());
        settings.insert(names::BATCH_MAX_DELAY.to_owned(), batching.max_delay.to_string());
    }
    if let Some(observe) = &service.observe {
        let mut set = |name: &str, value: String| settings.insert(name.to_owned(), value);
        set(names::ACCESS_LOG, observe.access_log.clone());
        set(names::SLOW_REQUEST, observe.slow_request.to_string());
        if let Some(log) = &observe.prediction_log {
            set(names::PREDICTION_LOG_SAMPLE, share(log.sample));
            if !log.redact.is_empty() {
                // As JSON, since a tensor may have any name. A list of texts always serializes.
                set(names::PREDICTION_LOG_REDACT, serde_json::to_string(&log.redact).unwrap_or_default());
            }
        }
        if let Some(traces) = &observe.traces {
            let attributes = [
                ("deployment.environment.name", plan.environment.as_deref().unwrap_or(names::NO_ENVIRONMENT)),
                ("service.namespace", &plan.project.name),
                ("service.version", &service.model.version),
            ];
            let attributes = attributes.map(|(name, value)| format!("{name}={}", encoded(value)));
            set(names::OTLP_ENDPOINT, traces.endpoint.clone());
            set(names::OTLP_PROTOCOL, "http/protobuf".to_owned());
            set(names::OTEL_RESOURCE_ATTRIBUTES, attributes.join(","));
            set(names::OTEL_SERVICE_NAME, service.name.clone());
            set(names::OTEL_TRACES_SAMPLER, "parentbased_traceidratio".to_owned());
            set(names::OTEL_TRACES_SAMPLER_ARG, share(traces.sample));
        }
    }
    settings
}

/// As a fraction: `0.01` is a percent.
fn share(percent: Percent) -> String {
    let fraction = format!("{}.{:04}", percent.0 / 10_000, percent.0 % 10_000);
    fraction.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Escaped as values in a list of `name=value` are (W3C Baggage).
fn encoded(value: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    value.bytes().map(byte).collect()
}

/// The settings of a service, and the name of their ConfigMap, which follows from them.
pub fn named(plan: &Plan, service: &Service) -> (String, Labels) {
    let settings = settings(plan, service);
    // A map of texts always serializes.
    let hash = hex(&Sha256::digest(serde_json::to_string(&settings).unwrap_or_default()));
    (format!("{}-{}", service.name, &hash[..10]), settings)
}

/// The ConfigMap of a service.
pub fn config_map(plan: &Plan, service: &Service, mut metadata: ObjectMeta) -> ConfigMap {
    let (name, data) = named(plan, service);
    metadata.name = Some(name);
    ConfigMap { metadata, data: Some(data), immutable: Some(true), ..Default::default() }
}
