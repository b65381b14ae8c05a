//! The first stage, a resource: a path and a digest -> the bytes of the model file, proven to be the ones that were compiled for.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

/// Reads the file whole and verifies it.
pub fn read_verified(path: &Path, expected: &str) -> Result<Vec<u8>, String> {
    let shown = path.display();
    let mut file = File::open(path).map_err(|error| format!("cannot open the model file `{shown}`: {error}"))?;
    let metadata = file.metadata().map_err(|error| format!("cannot read the model file `{shown}`: {error}"))?;
    if !metadata.is_file() {
        return Err(format!("the model file `{shown}` is not a regular file"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    file.read_to_end(&mut bytes).map_err(|error| format!("cannot read the model file `{shown}`: {error}"))?;
    if bytes.is_empty() {
        return Err(format!("the model file `{shown}` is empty"));
    }
    verify(&bytes, &shown.to_string(), expected)?;
    Ok(bytes)
}

/// Compares the SHA-256 of a model with `expected`, before anybody interprets a byte of it.
pub fn verify(bytes: &[u8], shown: &str, expected: &str) -> Result<(), String> {
    let found = hex(&Sha256::digest(bytes));
    if found != expected {
        return Err(format!(
            "the model file `{shown}` ({} bytes) is not the one this service was generated for: expected sha256 {expected}, \
             found {found}",
            bytes.len()
        ));
    }
    Ok(())
}

pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}
