//! The texts that diagnostics point into: spec files, and signatures rendered from model files.

use elsa::FrozenVec;

use crate::span::{FileId, Span};

/// One text with the name that the user knows it by.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path relative to the project, with `/` between its parts.
    pub name: String,
    /// The text, without a byte order mark.
    pub text: String,
}

/// Every text of one compilation, in the order of their ids. Texts are only ever added, also while others are read.
#[derive(Default)]
pub struct Sources {
    files: FrozenVec<Box<Source>>,
}

impl Sources {
    /// Keeps `text` under `name` and returns its id.
    pub fn add(&self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.files.push(Box::new(Source { name: name.into(), text: text.into() }));
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
        let text = &self.get(file).text;
        let mut end = (offset as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}
