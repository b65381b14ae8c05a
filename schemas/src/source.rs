//! The texts that diagnostics point into: spec files, and signatures rendered from model files.

use std::cell::OnceCell;

use elsa::FrozenVec;

use crate::span::{FileId, Span};

/// One text with the name that the user knows it by.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path, with `/` between its parts; what it is relative to says `origin`.
    pub name: String,
    /// The text, without a byte order mark.
    pub text: String,
    /// Where the text comes from.
    pub origin: Origin,
    /// Where every line but the first begins; found when the first place is asked for.
    lines: OnceCell<Vec<u32>>,
}

/// Where a text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file, by its path relative to the project.
    Project,
    /// A file that the command line names, by the path as it is written there.
    Outside,
    /// windlass, about a file of the project that has no lines of its own: the signature of a model.
    Rendered,
    /// No file: an argument or an environment variable, by its name.
    Argument,
}

impl Source {
    /// Whether the lines and columns of the text are those of the file of its name.
    pub fn is_file(&self) -> bool {
        matches!(self.origin, Origin::Project | Origin::Outside)
    }

    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| memchr::memchr_iter(b'\n', self.text.as_bytes()).map(|at| at as u32 + 1).collect())
    }
}

/// Every text of one compilation, in the order of their ids. Texts are only ever added, also while others are read.
#[derive(Default)]
pub struct Sources {
    files: FrozenVec<Box<Source>>,
}

impl Sources {
    /// Keeps a file of the project under `name` and returns its id.
    pub fn add(&self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.add_from(Origin::Project, name, text)
    }

    /// Keeps a text of any origin under `name` and returns its id.
    pub fn add_from(&self, origin: Origin, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.files.push(Box::new(Source { name: name.into(), text: text.into(), origin, lines: OnceCell::new() }));
        FileId(self.files.len() as u32 - 1)
    }

    /// The file with this id. Ids come from [`Sources::add`], so it exists.
    pub fn get(&self, file: FileId) -> &Source {
        &self.files[file.0 as usize]
    }

    /// All files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        (0..).map(FileId).zip(self.files.iter())
    }

    /// The text that `span` covers; empty when it is out of range.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Line (from 1) of the byte at `offset`.
    pub fn line(&self, file: FileId, offset: u32) -> usize {
        self.get(file).lines().partition_point(|start| *start <= offset) + 1
    }

    /// Line and column (both from 1, columns in characters) of the byte at `offset`.
    pub fn position(&self, file: FileId, offset: u32) -> (usize, usize) {
        let source = self.get(file);
        let mut end = (offset as usize).min(source.text.len());
        while !source.text.is_char_boundary(end) {
            end -= 1;
        }
        let line = self.line(file, offset);
        let start = line.checked_sub(2).and_then(|line| source.lines().get(line)).map_or(0, |start| *start as usize);
        (line, source.text[start..end].chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters() {
        let sources = Sources::default();
        let file = sources.add("a.hcl", "äb\n\nc");
        let found: Vec<_> = (0..8).map(|offset| sources.position(file, offset)).collect();
        assert_eq!(found, [(1, 1), (1, 1), (1, 2), (1, 3), (2, 1), (3, 1), (3, 2), (3, 2)]);
        let lines: Vec<_> = (0..8).map(|offset| sources.line(file, offset)).collect();
        assert_eq!(lines, [1, 1, 1, 1, 2, 3, 3, 3]);
        let empty = sources.add("empty.hcl", "");
        assert_eq!(sources.position(empty, 0), (1, 1));
    }
}
