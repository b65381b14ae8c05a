//! Whether a retrier is for an error, as the emitted definition decides it.

use windlass_schemas::plan::{ErrorKind, Verb};

/// Whether a retrier for these kinds of errors of a verb repeats it after the error that Step Functions calls `name`.
pub fn transient(verb: &Verb, on: &[ErrorKind], name: &str) -> bool {
    let _ = verb;
    let of = |kind: &ErrorKind| match kind {
        ErrorKind::Timeout => name == "States.Timeout",
        ErrorKind::Throttled => name.ends_with(".429") || name.contains("Throttl") || name.contains("TooManyRequests"),
        ErrorKind::Unavailable => {
            name == "States.Http.Socket" || [".502", ".503", ".504"].iter().any(|code| name.ends_with(code)) || name == "S3.S3Exception"
        }
        ErrorKind::Any => true,
        ErrorKind::Named(named) => named == name,
    };
    if on.is_empty() {
        return [ErrorKind::Timeout, ErrorKind::Throttled, ErrorKind::Unavailable].iter().any(of);
    }
    on.iter().any(of)
}
