//! Names of the metrics that the generated service emits, as the service's runtime declares them.

pub const EMF_NAMESPACE: &str = "windlass";
pub const DIMENSION_PROJECT: &str = "Project";
pub const DIMENSION_ENVIRONMENT: &str = "Environment";
pub const DIMENSION_SERVICE: &str = "Service";
/// Count: inference requests, whatever became of them.
pub const EMF_REQUESTS: &str = "Requests";
/// Count: answers with a 5xx status.
pub const EMF_ERRORS: &str = "Errors";
/// Count: answers with a 4xx status.
pub const EMF_CLIENT_ERRORS: &str = "ClientErrors";
/// Milliseconds.
pub const EMF_LATENCY: &str = "Latency";
/// Bytes.
pub const EMF_MEMORY_USED: &str = "MemoryUsed";

/// The log group that embedded metrics name: `/windlass/<project>/<service>`.
pub fn log_group(project: &str, service: &str) -> String {
    format!("/windlass/{project}/{service}")
}
