//! What a compilation makes: files by path.

use std::collections::BTreeMap;

use crate::span::Span;

/// One file of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// The target that made it.
    pub target: &'static str,
    /// What is in it.
    pub content: Content,
    /// The places in the spec that it came from.
    pub origins: Vec<Span>,
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Text, ending in a newline.
    Text(String),
    /// A copy of a file of the project, whose digest was taken when compiling.
    Copy {
        /// Path relative to the project.
        from: String,
        /// 64 hexadecimal digits.
        sha256: String,
    },
}

/// Takes the files that targets make, one after another: into memory, or to a disk.
pub trait Output {
    /// Takes the file for `path`, which is relative to the output folder, with `/` between its parts.
    fn add(&mut self, path: String, artifact: Artifact);
}

impl dyn Output + '_ {
    /// Adds a text file.
    ///
    /// # Panics
    /// When the path is taken, absolute, or leads out of the folder: a mistake of the target, not of the user.
    pub fn text(&mut self, target: &'static str, path: impl Into<String>, text: String, origins: Vec<Span>) {
        self.add_inside(path.into(), Artifact { target, content: Content::Text(text), origins });
    }

    /// Adds a copy of the project's file `from`.
    ///
    /// # Panics
    /// As [`text`](#method.text).
    pub fn copy(
        &mut self,
        target: &'static str,
        path: impl Into<String>,
        from: &str,
        sha256: &str,
        origins: Vec<Span>,
    ) {
        let content = Content::Copy { from: from.to_owned(), sha256: sha256.to_owned() };
        self.add_inside(path.into(), Artifact { target, content, origins });
    }

    fn add_inside(&mut self, path: String, artifact: Artifact) {
        let leaves = path.starts_with('/') || path.split('/').any(|part| matches!(part, "" | "." | ".."));
        assert!(!leaves, "`{path}` is not a path inside the output folder");
        self.add(path, artifact);
    }
}

/// All files of the output in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Artifacts {
    files: BTreeMap<String, Artifact>,
}

impl Output for Artifacts {
    fn add(&mut self, path: String, artifact: Artifact) {
        let taken = self.files.insert(path, artifact);
        assert!(taken.is_none(), "two artifacts have the same path");
    }
}

impl Artifacts {
    /// The file at `path`.
    pub fn get(&self, path: &str) -> Option<&Artifact> {
        self.files.get(path)
    }

    /// All files, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Artifact)> {
        self.files.iter().map(|(path, artifact)| (path.as_str(), artifact))
    }
}

/// Bytes as lower-case hexadecimal digits, as digests are written.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| DIGITS[usize::from(digit)]).collect()
}
