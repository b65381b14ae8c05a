//! Which image a service runs.

use sha2::{Digest, Sha256};
use windlass_schemas::plan::Service;

/// The image with its tag or digest. Unless the spec pins one, the tag is `VERSION-HASH` over all that goes into the
/// image: it changes exactly when the image does, and never names another.
pub fn image(service: &Service) -> String {
    if let Some(pin) = &service.pin {
        return format!("{}{pin}", service.repository);
    }
    // The compiler writes the source of the service, so its release is part of what goes in.
    let facts = serde_json::json!([env!("CARGO_PKG_VERSION"), service.name, service.model]);
    let hash = hex(&Sha256::digest(facts.to_string()));
    format!("{}:{}-{}", service.repository, service.model.version, &hash[..12])
}

/// Whether the name of the image says which bytes it is.
pub fn is_digest(service: &Service) -> bool {
    service.pin.as_ref().is_some_and(|pin| pin.contains("@sha256:"))
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
