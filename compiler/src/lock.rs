//! The manifest of an output folder: which files windlass wrote, their digests, and the lines they came from.

use std::collections::{BTreeMap, BTreeSet};

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
    pub target: String,
    /// `FILE:LINE` of each block that it came from.
    pub origins: BTreeSet<String>,
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
    pub fn add(&mut self, path: &str, target: &str, sha256: String, origins: &[Span], sources: &Sources) {
        assert!(is_inside(path), "`{path}` is not a path inside the output folder");
        let line =
            |span: &Span| format!("{}:{}", sources.get(span.file).name, sources.position(span.file, span.start).0);
        let entry = Entry { sha256, target: target.to_owned(), origins: origins.iter().map(line).collect() };
        let taken = self.artifacts.insert(path.to_owned(), entry);
        assert!(taken.is_none(), "two artifacts have the same path");
    }

    /// The manifest as a file.
    pub fn to_text(&self) -> String {
        // Strings and numbers always serialize.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}
