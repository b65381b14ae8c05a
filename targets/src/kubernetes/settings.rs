//! The settings of a service: environment variables, in a ConfigMap named after its content.

use std::borrow::Cow;

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use sha2::{Digest, Sha256};
use windlass_schemas::artifact::hex;
use windlass_schemas::plan::{Plan, Service};
use windlass_schemas::units::Percent;

use crate::inference::config::Settings;
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
pub fn settings<'a>(plan: &'a Plan, service: &'a Service) -> Settings<'a> {
    let threads = service.resources.cpu.0.div_ceil(1000).max(1);
    // So many may wait for each thread: past that, it is quicker to ask another replica.
    let in_flight = 64 * threads;
    // The runtime holds at most eight of the largest bodies: a quarter of the memory.
    let body = (service.resources.memory.0 / 4 / 8).clamp(64 << 10, 64 << 20);
    let mut settings = Settings::from([
        (names::DRAIN_DELAY, service.drain_delay.to_string().into()),
        (names::EMF, AGENT.into()),
        // Both families: a cluster of EKS gives its pods addresses of one or of the other.
        (names::LISTEN, ["[::]:", itoa::Buffer::new().format(service.port)].concat().into()),
        (names::LOG, "info".into()),
        (names::MAX_BODY_BYTES, number(body)),
        (names::MAX_IN_FLIGHT, number(in_flight)),
        (names::PROJECT, plan.project.name.as_str().into()),
        (names::REQUEST_TIMEOUT, service.timeout.to_string().into()),
        (names::THREADS, number(threads)),
    ]);
    let mut set = |name: &'static str, value: Cow<'a, str>| settings.insert(name, value);
    match &service.store {
        Some(store) => {
            set(names::MODEL_STORE, store.address.as_str().into());
            set(names::MODEL_CACHE, CACHE_FOLDER.into());
            if store.objects().is_some() {
                set(names::AWS_REGION, plan.platform.region.as_str().into());
            }
        }
        None => drop(set(names::MODEL_PATH, model_path(service).into())),
    }
    if let Some(environment) = &plan.environment {
        set(names::ENVIRONMENT, environment.into());
    }
    if service.expose.is_some() {
        set(names::API_KEY_FILE, format!("{API_KEY_FOLDER}/{API_KEY}").into());
    }
    if let Some(batching) = &service.batching {
        set(names::BATCH_MAX_SIZE, batching.max_size.to_string().into());
        set(names::BATCH_MAX_DELAY, batching.max_delay.to_string().into());
    }
    if let Some(observe) = &service.observe {
        set(names::ACCESS_LOG, observe.access_log.as_str().into());
        set(names::SLOW_REQUEST, observe.slow_request.to_string().into());
        if let Some(log) = &observe.prediction_log {
            set(names::PREDICTION_LOG_SAMPLE, share(log.sample).into());
            if !log.redact.is_empty() {
                // As JSON, since a tensor may have any name. A list of texts always serializes.
                set(names::PREDICTION_LOG_REDACT, serde_json::to_string(&log.redact).unwrap_or_default().into());
            }
        }
        if let Some(traces) = &observe.traces {
            let attributes = [
                ("deployment.environment.name", plan.environment.as_deref().unwrap_or(names::NO_ENVIRONMENT)),
                ("service.namespace", &plan.project.name),
                ("service.version", &service.model.version),
            ];
            let attributes = attributes.map(|(name, value)| format!("{name}={}", encoded(value)));
            set(names::OTLP_ENDPOINT, traces.endpoint.as_str().into());
            set(names::OTLP_PROTOCOL, "http/protobuf".into());
            set(names::OTEL_RESOURCE_ATTRIBUTES, attributes.join(",").into());
            set(names::OTEL_SERVICE_NAME, service.name.as_str().into());
            set(names::OTEL_TRACES_SAMPLER, "parentbased_traceidratio".into());
            set(names::OTEL_TRACES_SAMPLER_ARG, share(traces.sample).into());
        }
    }
    settings
}

fn number<'a>(number: u64) -> Cow<'a, str> {
    itoa::Buffer::new().format(number).to_owned().into()
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
pub fn named<'a>(plan: &'a Plan, service: &'a Service) -> (String, Settings<'a>) {
    let settings = settings(plan, service);
    // A map of texts always serializes.
    let hash = hex(&Sha256::digest(serde_json::to_string(&settings).unwrap_or_default()));
    ([&service.name, "-", &hash[..10]].concat(), settings)
}

/// The ConfigMap of a service.
pub fn config_map(plan: &Plan, service: &Service, mut metadata: ObjectMeta) -> ConfigMap {
    let (name, settings) = named(plan, service);
    let data = settings.into_iter().map(|(name, value)| (name.to_owned(), value.into_owned())).collect();
    metadata.name = Some(name);
    ConfigMap { metadata, data: Some(data), immutable: Some(true), ..Default::default() }
}
