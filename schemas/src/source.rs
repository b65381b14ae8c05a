//! The texts that diagnostics point into: spec files, and signatures rendered from model files.

use std::cell::OnceCell;

use elsa::FrozenVec;

use crate::span::{FileId, Span};

/// One text with the name that the user knows it by.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path relative to the project, with `/` between its parts.
    pub name: String,
    /// The text, without a byte order mark.
    pub text: String,
    /// Whether windlass made the text: the file of this name, if there is one, holds something else. A model's signature.
    pub rendered: bool,
    /// Where every line but the first begins; found when the first place is asked for.
    lines: OnceCell<Vec<u32>>,
}

/// Every text of one compilation, in the order of their ids. Texts are only ever added, also while others are read.
#[derive(Default)]
pub struct Sources {
    files: FrozenVec<Box<Source>>,
}

impl Sources {
    /// Keeps `text` under `name` and returns its id.
    pub fn add(&self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.push(Source { name: name.into(), text: text.into(), rendered: false, lines: OnceCell::new() })
    }

    /// Keeps a text that was made to be pointed at, and returns its id.
    pub fn add_rendered(&self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.push(Source { name: name.into(), text: text.into(), rendered: true, lines: OnceCell::new() })
    }

    fn push(&self, source: Source) -> FileId {
        self.files.push(Box::new(source));
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

    /// Line and column (both from 1, columns in characters) of the byte at `offset`.
    pub fn position(&self, file: FileId, offset: u32) -> (usize, usize) {
        let Source { text, lines, .. } = self.get(file);
        let mut end = (offset as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let lines = lines.get_or_init(|| text.match_indices('\n').map(|(at, _)| at as u32 + 1).collect());
        let before = lines.partition_point(|start| *start as usize <= end);
        let line_start = before.checked_sub(1).and_then(|line| lines.get(line)).map_or(0, |start| *start as usize);
        (before + 1, text[line_start..end].chars().count() + 1)
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
        let empty = sources.add("empty.hcl", "");
        assert_eq!(sources.position(empty, 0), (1, 1));
    }
}
