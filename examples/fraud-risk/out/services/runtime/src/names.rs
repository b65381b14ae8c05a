//! Every name by which something outside the process knows this runtime: variables, metrics, limits, log group.
//!
//! This file depends on nothing, not even the rest of the crate, so that the compiler can include it by path: the variable that a
//! manifest sets and the metric that an alert watches are then the very constants that the service reads and exports.
#![allow(dead_code, reason = "the compiler uses some of these names and the runtime uses others")]

/// Address to listen on, `host:port`.
pub const LISTEN: &str = "WINDLASS_LISTEN";
/// Path of the model file.
pub const MODEL_PATH: &str = "WINDLASS_MODEL_PATH";
/// Where models are fetched from: the beginning of an `https://` or `s3://` address, or a folder laid out as one; [`stored`] follows.
pub const MODEL_STORE: &str = "WINDLASS_MODEL_STORE";
/// Folder that keeps fetched models under their digests; unset means that none are kept.
pub const MODEL_CACHE: &str = "WINDLASS_MODEL_CACHE";
/// How long one fetch may take with all its attempts, a duration. A service that starts goes on trying after it.
pub const MODEL_PATIENCE: &str = "WINDLASS_MODEL_PATIENCE";
/// JSON file that lists the versions to serve instead of those the service was generated with; read again on SIGHUP.
pub const MODEL_CONFIG: &str = "WINDLASS_MODEL_CONFIG";
/// `on` lets callers load and unload the model over the network.
pub const REPOSITORY_API: &str = "WINDLASS_REPOSITORY_API";
/// Value of the `Project` dimension.
pub const PROJECT: &str = "WINDLASS_PROJECT";
/// Value of the `Environment` dimension.
pub const ENVIRONMENT: &str = "WINDLASS_ENVIRONMENT";
/// File that holds the key which callers must send in [`API_KEY_HEADER`]; unset means no key.
pub const API_KEY_FILE: &str = "WINDLASS_API_KEY_FILE";
/// Where CloudWatch embedded metrics go: unset, `stdout` or `tcp://host:port`.
pub const EMF: &str = "WINDLASS_EMF";
/// How long to keep accepting after SIGTERM, a duration.
pub const DRAIN_DELAY: &str = "WINDLASS_DRAIN_DELAY";
/// How long one inference request may take from its head to its answer, a duration.
pub const REQUEST_TIMEOUT: &str = "WINDLASS_REQUEST_TIMEOUT";
/// Largest request body, before and after decompression, in bytes.
pub const MAX_BODY_BYTES: &str = "WINDLASS_MAX_BODY_BYTES";
/// Inference requests that may be in the process at once; one more is answered 503.
pub const MAX_IN_FLIGHT: &str = "WINDLASS_MAX_IN_FLIGHT";
/// Number of serving threads.
pub const THREADS: &str = "WINDLASS_THREADS";
/// Whether requests may share a run: `auto`, where it was measured to pay, `always`, for measurements, or `off`.
pub const BATCH: &str = "WINDLASS_BATCH";
/// Rows of one run of several requests at most; 0 or 1 means that requests share none.
pub const BATCH_MAX_SIZE: &str = "WINDLASS_BATCH_MAX_SIZE";
/// How long a request may wait for others to share its run, a duration.
pub const BATCH_MAX_DELAY: &str = "WINDLASS_BATCH_MAX_DELAY";
/// Least severe level that is logged: `error`, `warn`, `info` or `debug`.
pub const LOG: &str = "WINDLASS_LOG";
/// Which requests get a log line: `all`, `errors`, which are those refused and those slow, or `off`.
pub const ACCESS_LOG: &str = "WINDLASS_ACCESS_LOG";
/// From when on a request counts as slow, a duration.
pub const SLOW_REQUEST: &str = "WINDLASS_SLOW_REQUEST";
/// Share of the answered inference requests whose inputs and outputs are logged, from 0 to 1.
pub const PREDICTION_LOG_SAMPLE: &str = "WINDLASS_PREDICTION_LOG_SAMPLE";
/// Names of inputs and outputs of which the prediction log gets a digest only: between commas, or a list in JSON.
pub const PREDICTION_LOG_REDACT: &str = "WINDLASS_PREDICTION_LOG_REDACT";

/// All variables, for a table or a check.
pub const VARIABLES: [&str; 24] = [
    LISTEN,
    MODEL_PATH,
    MODEL_STORE,
    MODEL_CACHE,
    MODEL_PATIENCE,
    MODEL_CONFIG,
    REPOSITORY_API,
    PROJECT,
    ENVIRONMENT,
    API_KEY_FILE,
    EMF,
    DRAIN_DELAY,
    REQUEST_TIMEOUT,
    MAX_BODY_BYTES,
    MAX_IN_FLIGHT,
    THREADS,
    BATCH,
    BATCH_MAX_SIZE,
    BATCH_MAX_DELAY,
    LOG,
    ACCESS_LOG,
    SLOW_REQUEST,
    PREDICTION_LOG_SAMPLE,
    PREDICTION_LOG_REDACT,
];

/// The region of buckets, as the AWS SDKs name it.
pub const AWS_REGION: &str = "AWS_REGION";

/// Where spans go, as OpenTelemetry names it; `/v1/traces` is appended.
pub const OTLP_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
pub const OTLP_PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
pub const OTEL_SERVICE_NAME: &str = "OTEL_SERVICE_NAME";
pub const OTEL_RESOURCE_ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
pub const OTEL_TRACES_SAMPLER: &str = "OTEL_TRACES_SAMPLER";
pub const OTEL_TRACES_SAMPLER_ARG: &str = "OTEL_TRACES_SAMPLER_ARG";

pub const DEFAULT_PORT: u16 = 8080;
pub const DEFAULT_LISTEN: &str = "0.0.0.0:8080";
/// The model file is looked for here, under the name that the service declares.
pub const DEFAULT_MODEL_DIRECTORY: &str = "/models";
pub const DEFAULT_DRAIN_DELAY_SECONDS: u64 = 5;
pub const DEFAULT_REQUEST_TIMEOUT_SECONDS: u64 = 30;
pub const DEFAULT_MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
pub const DEFAULT_MAX_IN_FLIGHT: usize = 256;
pub const DEFAULT_BATCH_MAX_DELAY_MILLISECONDS: u64 = 2;
/// The most that [`BATCH_MAX_SIZE`] may say.
pub const MOST_BATCH_ROWS: usize = 4_096;
pub const DEFAULT_SLOW_REQUEST_SECONDS: u64 = 1;
/// What the process needs to end beyond drain delay and request timeout; a pod's grace period must cover all three.
pub const SHUTDOWN_MARGIN_SECONDS: u64 = 5;

/// Header that carries the API key.
pub const API_KEY_HEADER: &str = "x-api-key";
pub const REQUEST_ID_HEADER: &str = "x-request-id";
pub const TRACEPARENT_HEADER: &str = "traceparent";
pub const TRACESTATE_HEADER: &str = "tracestate";
/// On answers; from the draft of level 3 of W3C Trace Context.
pub const TRACERESPONSE_HEADER: &str = "traceresponse";

pub const LIVE_PATH: &str = "/v2/health/live";
pub const READY_PATH: &str = "/v2/health/ready";
pub const METRICS_PATH: &str = "/metrics";
pub const OPENAPI_PATH: &str = "/openapi.json";
/// The page for people.
pub const PAGE_PATH: &str = "/";

/// Counter by `model`, `version`, `outcome` and `transport`.
pub const REQUESTS_TOTAL: &str = "windlass_inference_requests_total";
/// Counter by `model`, `version`, `kind` and `transport`: inference requests that were not answered with outputs.
pub const ERRORS_TOTAL: &str = "windlass_inference_errors_total";
/// Histogram, seconds from the request's head to its answer.
pub const REQUEST_DURATION: &str = "windlass_inference_request_duration_seconds";
/// Histogram, seconds inside the engine.
pub const COMPUTE_DURATION: &str = "windlass_inference_compute_duration_seconds";
/// Histogram, seconds between a request's admission and the start of its run; next to nothing where it runs at once.
pub const QUEUE_DURATION: &str = "windlass_inference_queue_duration_seconds";
/// Histogram, requests that shared one run of the engine.
pub const BATCH_SIZE: &str = "windlass_inference_batch_size";
/// Gauge.
pub const IN_FLIGHT: &str = "windlass_in_flight_requests";
/// Always 1; says by its labels what is served.
pub const MODEL_INFO: &str = "windlass_model_info";
/// Counter by `model` and `outcome`: loads of the model's versions, at the start, on SIGHUP and by request.
pub const MODEL_LOADS_TOTAL: &str = "windlass_model_loads_total";
/// Counter by `model`, shadow `version` and `outcome`: copies of requests.
pub const SHADOW_REQUESTS_TOTAL: &str = "windlass_shadow_requests_total";
/// Gauge by `model` and shadow `version`: the largest absolute difference between its float outputs and those of the version that
/// answered, since the start.
pub const SHADOW_MAX_DIFFERENCE: &str = "windlass_shadow_max_absolute_difference";
/// Counter by `model` and shadow `version`: integer and boolean output elements, such as labels, that were compared.
pub const SHADOW_LABELS_TOTAL: &str = "windlass_shadow_labels_compared_total";
/// Counter by `model` and shadow `version`: those of them that differ.
pub const SHADOW_MISMATCHES_TOTAL: &str = "windlass_shadow_labels_mismatched_total";
pub const RESIDENT_MEMORY: &str = "process_resident_memory_bytes";
pub const START_TIME: &str = "process_start_time_seconds";
pub const VIRTUAL_MEMORY: &str = "process_virtual_memory_bytes";
pub const CPU_SECONDS: &str = "process_cpu_seconds_total";
pub const OPEN_FILES: &str = "process_open_fds";
pub const MOST_FILES: &str = "process_max_fds";
pub const PROCESS_THREADS: &str = "process_threads";
pub const UPTIME: &str = "windlass_uptime_seconds";
/// Counter: lines that did not reach standard output, because it stalled.
pub const LOG_DROPPED_TOTAL: &str = "windlass_log_lines_dropped_total";
/// Counter by `outcome`, where spans are exported: `ok`, or `dropped` for those that the collector did not get.
pub const SPANS_TOTAL: &str = "windlass_trace_spans_total";
pub const SPANS_DROPPED: &str = "dropped";

pub const OUTCOME_OK: &str = "ok";
pub const OUTCOME_CLIENT_ERROR: &str = "client_error";
pub const OUTCOME_SERVER_ERROR: &str = "server_error";
/// Answered 503 without being looked at.
pub const OUTCOME_REJECTED: &str = "rejected";

pub const OUTCOME_FAILED: &str = "failed";
/// A copy that was not made, since too many waited.
pub const OUTCOME_DROPPED: &str = "dropped";
pub const TRANSPORT_HTTP: &str = "http";
pub const TRANSPORT_GRPC: &str = "grpc";

/// Not to be read, or not as the protocol says.
pub const KIND_MALFORMED: &str = "malformed";
/// The model, or the version of it.
pub const KIND_UNKNOWN_MODEL: &str = "unknown_model";
pub const KIND_SHAPE: &str = "shape";
pub const KIND_DATATYPE: &str = "datatype";
pub const KIND_TOO_LARGE: &str = "too_large";
pub const KIND_UNAUTHORIZED: &str = "unauthorized";
/// The body did not come in time, or the answer was not ready in time.
pub const KIND_TIMEOUT: &str = "timeout";
/// Answered 503: too much at once, loading, or shutting down.
pub const KIND_REJECTED: &str = "rejected";
/// The caller went away before there was an answer.
pub const KIND_CANCELLED: &str = "cancelled";
/// The engine failed, or gave numbers that JSON has no word for.
pub const KIND_ENGINE: &str = "engine";

/// Upper bounds of the buckets of [`BATCH_SIZE`].
pub const BATCH_BUCKETS: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

/// Upper bounds of the histogram buckets, in seconds.
pub const DURATION_BUCKETS: [f64; 17] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// CloudWatch namespace.
pub const EMF_NAMESPACE: &str = "windlass";
pub const DIMENSION_PROJECT: &str = "Project";
pub const DIMENSION_ENVIRONMENT: &str = "Environment";
pub const DIMENSION_SERVICE: &str = "Service";
/// Count: inference requests, whatever became of them.
pub const EMF_REQUESTS: &str = "Requests";
/// Count: answers with a 5xx status.
pub const EMF_ERRORS: &str = "Errors";
/// Count: answers with a 4xx status, and callers that went away before there was an answer.
pub const EMF_CLIENT_ERRORS: &str = "ClientErrors";
/// Count: those of the errors that were answered 503.
pub const EMF_REJECTED: &str = "Rejected";
/// Milliseconds: what of the latency was waiting for a free thread.
pub const EMF_QUEUE_TIME: &str = "QueueTime";
/// Milliseconds.
pub const EMF_LATENCY: &str = "Latency";
/// Bytes.
pub const EMF_MEMORY_USED: &str = "MemoryUsed";
pub const EMF_FLUSH_SECONDS: u64 = 15;

/// Value of the `Environment` dimension where there are no environments.
pub const NO_ENVIRONMENT: &str = "default";

/// Where a store keeps a version: `VERSION/SHA256.onnx`. Other bytes have another name, so a file that something serves is never
/// overwritten.
pub fn stored(version: &str, sha256: &str) -> String {
    format!("{version}/{sha256}.onnx")
}

/// The log group that embedded metrics name: `/windlass/<project>/<environment>/<service>`.
pub fn log_group(project: &str, environment: &str, service: &str) -> String {
    format!("/windlass/{project}/{environment}/{service}")
}
