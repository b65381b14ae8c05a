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
///
/// A path is relative to the output folder, with `/` between its parts. That it is taken, or leads out of the folder, is
/// a mistake of the target, not of the user, and panics.
pub trait Output {
    /// Takes a text, which ends in a newline.
    fn text(&mut self, target: &'static str, path: &str, text: &str, origins: &[Span]);

    /// Takes a text whose digest is known: 64 hexadecimal digits.
    fn known(&mut self, target: &'static str, path: &str, text: &str, sha256: &str, origins: &[Span]);

    /// Takes a copy of the project's file `from`.
    fn copy(&mut self, target: &'static str, path: &str, from: &str, sha256: &str, origins: &[Span]);
}

/// Whether a path is one of a file inside the output folder.
pub fn is_inside(path: &str) -> bool {
    !path.starts_with('/') && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// All files of the output in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Artifacts {
    files: BTreeMap<String, Artifact>,
}

impl Output for Artifacts {
    fn text(&mut self, target: &'static str, path: &str, text: &str, origins: &[Span]) {
        self.add(path, Artifact { target, content: Content::Text(text.to_owned()), origins: origins.to_owned() });
    }

    fn known(&mut self, target: &'static str, path: &str, text: &str, _: &str, origins: &[Span]) {
        self.text(target, path, text, origins);
    }

    fn copy(&mut self, target: &'static str, path: &str, from: &str, sha256: &str, origins: &[Span]) {
        let content = Content::Copy { from: from.to_owned(), sha256: sha256.to_owned() };
        self.add(path, Artifact { target, content, origins: origins.to_owned() });
    }
}

impl Artifacts {
    fn add(&mut self, path: &str, artifact: Artifact) {
        assert!(is_inside(path), "`{path}` is not a path inside the output folder");
        let taken = self.files.insert(path.to_owned(), artifact);
        assert!(taken.is_none(), "two artifacts have the same path");
    }

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
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| DIGITS[usize::from(digit)]);
    // Digits are text.
    String::from_utf8(digits.collect()).unwrap_or_default()
}
