//! A key file -> whether a caller's key is the right one. The file is read again from time to time, since secrets rotate in place.

use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};

pub struct ApiKey {
    path: PathBuf,
    key: RwLock<Vec<u8>>,
}

impl ApiKey {
    pub fn open(path: PathBuf) -> Result<ApiKey, String> {
        let key = RwLock::new(read(&path)?);
        Ok(ApiKey { path, key })
    }

    /// Reads the file again. Says whether the key is another now; on an error the old key stays.
    pub fn refresh(&self) -> Result<bool, String> {
        let fresh = read(&self.path)?;
        let mut key = self.key.write().unwrap_or_else(PoisonError::into_inner);
        let changed = *key != fresh;
        *key = fresh;
        Ok(changed)
    }

    pub fn allows(&self, given: &[u8]) -> bool {
        same(&self.key.read().unwrap_or_else(PoisonError::into_inner), given)
    }
}

/// Takes as long for a near miss as for a far one, so that a key cannot be guessed byte by byte.
fn same(key: &[u8], given: &[u8]) -> bool {
    if key.len() != given.len() {
        return false;
    }
    let difference = key.iter().zip(given).fold(0, |sum, (a, b)| std::hint::black_box(sum | (a ^ b)));
    std::hint::black_box(difference) == 0
}

fn read(path: &PathBuf) -> Result<Vec<u8>, String> {
    let shown = path.display();
    let text = std::fs::read(path).map_err(|error| format!("cannot read the API key file `{shown}`: {error}"))?;
    let key = text.trim_ascii();
    if key.is_empty() {
        return Err(format!("the API key file `{shown}` is empty"));
    }
    if !key.iter().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("the API key in `{shown}` holds characters that a header cannot carry"));
    }
    Ok(key.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_key_is_the_key() {
        assert!(same(b"secret", b"secret"));
        for wrong in [&b"secres"[..], b"Secret", b"secret ", b"", b"s"] {
            assert!(!same(b"secret", wrong));
        }
    }
}
