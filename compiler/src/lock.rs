//! The manifest of an output folder: which files windlass wrote, their digests, and the lines they came from.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use windlass_schemas::artifact::is_inside;
use windlass_schemas::moved::Moved;
use windlass_schemas::source::Sources;
use windlass_schemas::span::Span;

/// Name of the manifest in the output folder.
pub const LOCK_FILE: &str = "windlass.lock.json";

/// The manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lock {
    /// Version of the manifest's form.
    pub version: u32,
    /// The compiler's version.
    pub windlass: String,
    /// Blocks that have new names: the old address and the new one, and the names that they are emitted under.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<Rename>,
    /// Every file of the output but the manifest, by path.
    pub artifacts: BTreeMap<String, Entry>,
}

/// A block that has a new name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rename {
    /// Its old address, as in `service.old`.
    pub from: String,
    /// Its new address.
    pub to: String,
    /// The name that it was emitted under.
    pub old_name: String,
    /// The name that it is emitted under.
    pub new_name: String,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Digest of its content.
    pub sha256: String,
    /// The target that made it.
    pub target: Cow<'static, str>,
    /// `FILE:LINE` of each block that it came from, sorted.
    pub origins: Vec<String>,
}

fn rename(moved: &Moved) -> Rename {
    let Moved { from, to, .. } = moved;
    Rename { from: from.to_string(), to: to.to_string(), old_name: from.name(), new_name: to.name() }
}

impl Lock {
    /// The manifest of an output without files.
    pub fn new(moved: &[Moved]) -> Self {
        Lock {
            version: 1,
            windlass: env!("CARGO_PKG_VERSION").to_owned(),
            moved: moved.iter().map(rename).collect(),
            artifacts: BTreeMap::new(),
        }
    }

    /// Names one more file.
    ///
    /// # Panics
    /// When its path is taken, or leads out of the folder: a mistake of the target, not of the user.
    pub fn add(&mut self, path: &str, target: &'static str, sha256: String, origins: &[Span], sources: &Sources) {
        assert!(is_inside(path), "`{path}` is not a path inside the output folder");
        let place = |span: &Span| {
            let line = sources.line(span.file, span.start);
            [&sources.get(span.file).name, ":", itoa::Buffer::new().format(line)].concat()
        };
        let mut origins: Vec<String> = origins.iter().map(place).collect();
        origins.sort_unstable();
        origins.dedup();
        let taken = self.artifacts.insert(path.to_owned(), Entry { sha256, target: target.into(), origins });
        assert!(taken.is_none(), "two artifacts have the same path");
    }

    /// The manifest as a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        // So much takes a file with its digest and some origins: growing step by step would touch three times the memory.
        let mut bytes = Vec::with_capacity(1024 + 400 * self.artifacts.len());
        // Strings and numbers always serialize, and a vector takes all of them.
        let _ = serde_json::to_writer_pretty(&mut bytes, self);
        bytes.push(b'\n');
        bytes
    }
}
